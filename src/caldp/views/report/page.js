"use strict";
// Spectra: the sample nearest to the pointer, and zoom by a wheel or by a stretch that is drawn.
for (const chart of document.querySelectorAll("svg[data-plot]")) {
  const samples = JSON.parse(document.getElementById("samples").textContent)[Number(chart.dataset.plot)].samples;
  const said = document.getElementById(`said-${chart.dataset.plot}`);
  const cursor = chart.querySelector(".cursor");
  const width = chart.viewBox.baseVal.width, height = chart.viewBox.baseVal.height;
  const first = Number(chart.dataset.first), last = Number(chart.dataset.last);
  let from = 0, to = width;
  const place = (event) => {
    const box = chart.getBoundingClientRect();
    return from + ((event.clientX - box.left) / box.width) * (to - from);
  };
  const show = (x) => {
    const wavelength = first + (x / width) * (last - first);
    let low = 0, high = samples.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (samples[middle][0] < wavelength) low = middle; else high = middle;
    }
    const nearest = wavelength - samples[low][0] < samples[high][0] - wavelength ? samples[low] : samples[high];
    said.textContent = `${nearest[0].toFixed(3)} \u00c5   ${nearest[1].toExponential(4)} ${chart.dataset.unit}`;
    const at = ((nearest[0] - first) / (last - first)) * width;
    cursor.setAttribute("x1", at);
    cursor.setAttribute("x2", at);
    cursor.removeAttribute("hidden");
  };
  const zoom = (start, end) => {
    from = Math.max(0, start);
    to = Math.min(width, end);
    chart.setAttribute("viewBox", `${from} 0 ${to - from} ${height}`);
  };
  chart.setAttribute("preserveAspectRatio", "none");
  chart.addEventListener("pointermove", (event) => show(place(event)));
  chart.addEventListener("wheel", (event) => {
    event.preventDefault();
    const x = place(event), factor = event.deltaY < 0 ? 0.8 : 1.25;
    if ((to - from) * factor < width / 500) return;
    zoom(x - (x - from) * factor, x + (to - x) * factor);
  }, { passive: false });
  chart.addEventListener("dblclick", () => zoom(0, width));
  chart.addEventListener("keydown", (event) => {
    const step = (to - from) / 50, x = Number(cursor.getAttribute("x1"));
    if (event.key === "ArrowRight") show(Math.min(width, x + step));
    else if (event.key === "ArrowLeft") show(Math.max(0, x - step));
    else if (event.key === "+") zoom(from + (to - from) / 4, to - (to - from) / 4);
    else if (event.key === "-") zoom(from - (to - from) / 2, to + (to - from) / 2);
    else return;
    event.preventDefault();
  });
}
// Pictures: full size and back.
for (const picture of document.querySelectorAll("img[data-zoom]")) {
  picture.addEventListener("click", () => picture.classList.toggle("zoomed"));
}
// Lists: sorting by a column, and filtering by state and by words.
const list = document.getElementById("datasets");
if (list) {
  const body = list.tBodies[0];
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  list.querySelectorAll("th").forEach((head, column) => {
    if (head.dataset.sort === undefined) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      list.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
      const rows = [...body.rows].map((row) => [value(row, column), row]);
      rows.sort(([a], [b]) => (a < b ? -sign : a > b ? sign : 0));
      body.append(...rows.map(([, row]) => row));
    });
  });
  const tools = document.getElementById("tools");
  const words = document.getElementById("words"), state = document.getElementById("state");
  const shown = document.getElementById("shown");
  const filter = () => {
    const wanted = words.value.trim().toLowerCase();
    let count = 0;
    for (const row of body.rows) {
      const fits = (!state.value || row.dataset.state === state.value) && row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} shown`;
  };
  tools.hidden = false;
  words.addEventListener("input", filter);
  state.addEventListener("change", filter);
}
