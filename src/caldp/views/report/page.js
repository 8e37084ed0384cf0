"use strict";
// A chart: zoom by a wheel with Ctrl or after a click, by keys and buttons; a pointer or arrow keys move the cursor.
const chart = (figure, axes, tell) => {
  const drawing = figure.querySelector("svg"), said = figure.querySelector(".said");
  const whole = { x: 0, y: 0, width: drawing.viewBox.baseVal.width, height: drawing.viewBox.baseVal.height };
  let view = { ...whole }, at = null, dragged = null, pointed = {};
  const look = (next) => {
    const width = Math.min(whole.width, Math.max(next.width, whole.width / 500));
    const height = axes.y ? Math.min(whole.height, Math.max(next.height, whole.height / 500)) : whole.height;
    const x = Math.max(0, Math.min(next.x, whole.width - width)), y = Math.max(0, Math.min(next.y, whole.height - height));
    view = { x, y, width, height };
    drawing.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    axes.seen?.(view, whole);
    if (at) show(at);
  };
  const show = (point) => { at = point; said.textContent = tell(point, view); };
  const zoom = (factor, point) => {
    const about = point ?? (at && at.x >= view.x && at.x <= view.x + view.width ? at : null)
      ?? { x: view.x + view.width / 2, y: view.y + view.height / 2 };
    const x = about.x - (about.x - view.x) * factor, y = about.y - (about.y - view.y) * factor;
    look({ x, y, width: view.width * factor, height: view.height * factor });
  };
  const place = (event) => {
    const box = drawing.getBoundingClientRect();
    let { left, top, width, height } = { left: box.left, top: box.top, width: box.width, height: box.height };
    if (axes.y) {  // the drawing keeps its shape, with margins
      const scale = Math.min(width / view.width, height / view.height);
      left += (width - view.width * scale) / 2;
      top += (height - view.height * scale) / 2;
      width = view.width * scale;
      height = view.height * scale;
    }
    const across = (event.clientX - left) / width, down = (event.clientY - top) / height;
    return { x: view.x + across * view.width, y: view.y + down * view.height, across, down, width, height };
  };
  drawing.addEventListener("pointermove", (event) => {
    if (event.clientX === pointed.x && event.clientY === pointed.y) return;  // the page moved, and not the pointer
    pointed = { x: event.clientX, y: event.clientY };
    const point = place(event);
    if (dragged) {
      const x = dragged.view.x - (event.clientX - dragged.x) / point.width * view.width;
      const y = dragged.view.y - (event.clientY - dragged.y) / point.height * view.height;
      look({ ...view, x, y });
    } else if (point.across >= 0 && point.across <= 1 && point.down >= 0 && point.down <= 1) show(point);
  });
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button || view.width === whole.width) return;
    dragged = { x: event.clientX, y: event.clientY, view: { ...view } };
    drawing.setPointerCapture(event.pointerId);
  });
  for (const end of ["pointerup", "pointercancel"]) drawing.addEventListener(end, () => { dragged = null; });
  drawing.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== drawing) return;  // else the page scrolls
    event.preventDefault();
    zoom(event.deltaY < 0 ? 0.8 : 1.25, place(event));
  }, { passive: false });
  drawing.addEventListener("dblclick", () => look(whole));
  drawing.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "+") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else if (event.key === "0") look(whole);
    else if (moves[event.key] && (axes.y || !moves[event.key][1])) {
      const [x, y] = moves[event.key], from = at ?? { x: view.x + view.width / 2, y: view.y + view.height / 2 };
      const step = axes.y ?? view.width / 100;
      show({ x: Math.max(0, Math.min(whole.width, from.x + x * step)), y: Math.max(0, Math.min(whole.height, from.y + y * step)) });
    } else return;
    event.preventDefault();
  });
  const buttons = document.createElement("span");
  buttons.className = "buttons";
  for (const [text, name, act] of [["+", "Zoom in", () => zoom(0.5)], ["\u2212", "Zoom out", () => zoom(2)], ["all", "Show all", () => look(whole)]]) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: text, title: name });
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    buttons.append(button);
  }
  figure.querySelector("figcaption").append(buttons);
};
const data = (id) => { const found = document.getElementById(id); return found && JSON.parse(found.textContent); };

// Spectra: the sample nearest to the pointer.
const spectra = data("samples");
for (const figure of document.querySelectorAll("[data-plot]")) {
  const samples = spectra[Number(figure.dataset.plot)].samples, cursor = figure.querySelector(".cursor");
  const first = Number(figure.dataset.first), last = Number(figure.dataset.last);
  const width = figure.querySelector("svg").viewBox.baseVal.width, ends = figure.querySelectorAll(".axis span");
  const wavelength = (x) => first + (x / width) * (last - first);
  const seen = (view) => [view.x, view.x + view.width / 2, view.x + view.width].forEach((x, number) => {
    ends[number].textContent = wavelength(x).toFixed(2) + (number === 2 ? " \u00c5" : "");
  });
  chart(figure, { seen }, ({ x }) => {
    const wanted = wavelength(x);
    let low = 0, high = samples.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (samples[middle][0] < wanted) low = middle; else high = middle;
    }
    const nearest = wanted - samples[low][0] < samples[high][0] - wanted ? samples[low] : samples[high];
    const at = ((nearest[0] - first) / (last - first)) * width;
    cursor.setAttribute("x1", at);
    cursor.setAttribute("x2", at);
    cursor.removeAttribute("hidden");
    return `${nearest[0].toFixed(3)} \u00c5, ${nearest[1].toExponential(4)} ${figure.dataset.unit}`;
  });
}

// Images: the known pixel nearest to the pointer, its value and its place in the sky.
const radian = Math.PI / 180;
const between = (nodes, value) => {  // the interval of a place among nodes, and the part of it that lies below
  let low = 0;
  while (low < nodes.length - 2 && nodes[low + 1] <= value) low += 1;
  const length = nodes[low + 1] - nodes[low];
  return [low, length ? (value - nodes[low]) / length : 0];
};
const inSky = (sky, x, y) => {
  const [column, across] = between(sky.columns, x), [row, up] = between(sky.rows, y), count = sky.columns.length;
  const [east, north] = [0, 1].map((axis) => {
    const node = (r, c) => sky.offsets[Math.min(r, sky.rows.length - 1) * count + Math.min(c, count - 1)][axis];
    return (node(row, column) * (1 - across) + node(row, column + 1) * across) * (1 - up)
      + (node(row + 1, column) * (1 - across) + node(row + 1, column + 1) * across) * up;
  }).map((offset) => offset / 3600 * radian);
  const [a, d] = sky.centre.map((angle) => angle * radian), depth = Math.cos(d) - north * Math.sin(d);
  const turn = Math.atan2(east, depth);
  const declination = Math.atan2(Math.sin(d) + north * Math.cos(d), Math.hypot(east, depth));
  return [((a + turn) / radian + 360) % 360, declination / radian];
};
const sexagesimal = (angle, decimals) => {  // of a positive angle or hour
  const unit = 10 ** decimals, parts = Math.round(angle * 3600 * unit), whole = Math.floor(parts / unit);
  const seconds = `${whole % 60}`.padStart(2, "0") + "." + `${parts % unit}`.padStart(decimals, "0");
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60].map((part) => `${part}`.padStart(2, "0")).concat(seconds).join(":");
};
const image = data("values");
if (image) {
  const bytes = Uint8Array.from(atob(image.values), (letter) => letter.charCodeAt(0)), view = new DataView(bytes.buffer);
  const { step, width, height, unit, chips } = image, half = step >> 1;
  const columns = Math.ceil((width - half) / step), rows = Math.ceil((height - half) / step);
  const cursor = document.querySelector("#pixels .cursor");
  const nearest = (place, count) => Math.max(0, Math.min(count - 1, Math.round((place - 0.5 - half) / step)));
  chart(document.getElementById("pixels"), { y: step }, (point, seen) => {
    const column = nearest(point.x, columns), row = nearest(height - point.y, rows);
    const x = half + column * step + 1, above = half + row * step;
    const chip = chips.find((one) => above < one.bottom + one.height), y = above - chip.bottom + 1;
    const value = view.getFloat32(4 * (row * columns + column), true), arm = seen.width / 60;
    const [cx, cy] = [x - 0.5, height - above - 0.5];
    cursor.setAttribute("d", `M${cx - arm} ${cy}H${cx + arm}M${cx} ${cy - arm}V${cy + arm}`);
    cursor.removeAttribute("hidden");
    const words = [`${chips.length > 1 ? chip.name + " " : ""}x ${x}, y ${y}: ${Number.isNaN(value) ? "no data" : `${Number(value.toPrecision(6))} ${unit}`}`];
    if (chip.sky) {
      const [ra, dec] = inSky(chip.sky, x, y), sign = dec < 0 ? "\u2212" : "+";
      words.push(`RA ${ra.toFixed(5)} Dec ${sign}${Math.abs(dec).toFixed(5)} (${sexagesimal(ra / 15, 3)} ${sign}${sexagesimal(Math.abs(dec), 2)})`);
    }
    return words.join("; ");
  });
}

// Pictures: full size and back.
for (const picture of document.querySelectorAll("img[data-zoom]")) {
  picture.addEventListener("click", () => picture.classList.toggle("zoomed"));
}

// Lists: sorting by a column, and filtering by state and words. The address keeps the choice when a page is renewed.
const list = document.getElementById("datasets");
if (list) {
  const body = list.tBodies[0], heads = [...list.querySelectorAll("th")];
  const words = document.getElementById("words"), state = document.getElementById("state");
  const shown = document.getElementById("shown"), chosen = new URLSearchParams(location.hash.slice(1));
  const keep = (name, value) => {
    if (value) chosen.set(name, value); else chosen.delete(name);
    history.replaceState(null, "", `#${chosen}`);
  };
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  const sort = (column, sign) => {
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    const rows = [...body.rows].map((row) => [value(row, column), row]);
    rows.sort(([a], [b]) => (a < b ? -sign : a > b ? sign : 0));
    body.append(...rows.map(([, row]) => row));
  };
  heads.forEach((head, column) => {
    if (head.dataset.sort === undefined) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      sort(column, sign);
      keep("sort", `${sign * column}`);
    });
  });
  const filter = () => {
    const wanted = words.value.trim().toLowerCase();
    let count = 0;
    for (const row of body.rows) {
      const fits = (!state.value || row.dataset.state === state.value) && row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${body.rows.length} shown`;
    keep("find", words.value.trim());
    keep("state", state.value);
  };
  document.getElementById("tools").hidden = false;
  words.addEventListener("input", filter);
  state.addEventListener("change", filter);
  const sorted = Number(chosen.get("sort"));
  if (sorted && heads[Math.abs(sorted)]?.dataset.sort !== undefined) sort(Math.abs(sorted), Math.sign(sorted));
  words.value = chosen.get("find") ?? "";
  state.value = chosen.get("state") ?? "";
  if (chosen.has("find") || chosen.has("state")) filter();
}

// A live list: renewed, with its choice, unless somebody is typing.
const seconds = Number(document.documentElement.dataset.refresh);
if (seconds) {
  const renewal = setInterval(() => {
    if (!["INPUT", "SELECT"].includes(document.activeElement.tagName)) location.reload();
  }, 1000 * seconds);
  document.addEventListener("click", (event) => { if (event.target.closest("a")) clearInterval(renewal); });
}
