"""``caldp batch``: many datasets."""

from __future__ import annotations

import typer

from caldp.cli.batch import cancel, job, list_, retry, run, status
from caldp.cli.plain_values import PlainGroup

app = typer.Typer(
    name="batch",
    cls=PlainGroup,
    help="Process many datasets: run them, follow them, run those again that failed.",
    no_args_is_help=True,
)
app.command(epilog=run.EXAMPLES, short_help="Process the datasets of a manifest that are not done.")(run.run)
app.command(
    run.SUBMIT, epilog=run.SUBMIT_EXAMPLES, short_help="Submit them to a cluster, and return.", help=run.SUBMIT_HELP
)(run.run)
app.command(epilog=status.EXAMPLES, short_help="Show the state of a batch.")(status.status)
app.command(epilog=retry.EXAMPLES, short_help="Run the datasets of a batch again that failed.")(retry.retry)
app.command(epilog=cancel.EXAMPLES, short_help="Give a batch up.")(cancel.cancel)
app.command("list", epilog=list_.EXAMPLES, short_help="List the batches of an output.")(list_.list_)
app.command(hidden=True, epilog=job.EXAMPLES)(job.job)
