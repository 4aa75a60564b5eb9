"""The words of the command line: its help, its notes and the headings of its tables."""

from collections.abc import Sequence

from kling_desktop.domain.job import Job, JobState, Service
from kling_desktop.domain.limits import MOST_CONCURRENCY
from kling_desktop.wording.formatting import number
from kling_desktop.wording.phrases import count_more
from kling_desktop.wording.translation import N_, _, ngettext

_HELP = {
    "kling-desktop": N_("Turn pictures and words into short videos with KlingAI's models."),
    "exit codes": N_(
        "exit codes: 0 all done, 1 some failed, 2 wrong use, 3 waiting for something only you can "
        "do.\nenvironment: RUNWARE_API_KEY, KLING_DESKTOP_BASE_URL, KLING_DESKTOP_DATA_DIR,\n"
        "KLING_DESKTOP_LIBRARY_DIR, KLING_DESKTOP_SANDBOX_OPTIONS, KLING_DESKTOP_LANGUAGE.\n"
        "Without a subcommand the window opens."
    ),
    "generate": N_("queue one clip, or make it at once"),
    "generate --model": N_('AIR id or name, such as "2.5 Turbo Pro"'),
    "generate --prompt": N_("how it should move, 2 to 2500 characters"),
    "generate --negative-prompt": N_("what should not be in it"),
    "generate --first-frame": N_("picture to start from"),
    "generate --last-frame": N_("picture to end on"),
    "generate --width": N_("width in pixels, together with --height"),
    "generate --height": N_("height in pixels, together with --width"),
    "generate --aspect": N_("shape in place of a size"),
    "generate --duration": N_("seconds: 5 or 10 (default 5)"),
    "generate --cfg-scale": N_("prompt strength, 0 to 1 (default 0.5)"),
    "generate --takes": N_("how many clips, 1 to {most}; each is charged"),
    "generate --wait": N_("work until it is done and print the file's path"),
    "--fix": N_("repair a picture outside the limits instead of refusing it"),
    "--sandbox": N_("make practice clips on this machine: no key, no network, no charge"),
    "--concurrency": N_("jobs at once, 1 to {most}"),
    "--json": N_("machine-readable output"),
    "--help": N_("show this help and exit"),
    "--version": N_("show the version and exit"),
    "run": N_("queue a whole file of jobs and work until all are done"),
    "run FILE": N_("JSON Lines or CSV, one job per line; - for standard input"),
    "resume": N_("continue with whatever is in the queue"),
    "jobs": N_("list the queue and its history"),
    "jobs --all": N_("the whole history, not the last 50"),
    "cancel": N_("cancel a waiting job, or stop waiting for one that was sent"),
    "retry": N_("queue an ended job again as a new, paid job"),
    "receipt": N_("show all that is known of one job"),
    "receipts": N_("export every receipt"),
    "receipts --csv": N_("as CSV, to standard output"),
    "spending": N_("what was spent today, this month, by model"),
    "library": N_("list, search, verify, rebuild or adopt the library"),
    "library list": N_("every clip, newest first"),
    "library search": N_("clips whose prompt, model or file name match"),
    "library verify": N_("check every file: missing, damaged and unknown ones"),
    "library verify --deep": N_("also read every file and compare it with what was saved"),
    "library rebuild": N_("add clips that the library does not know, from their recipes"),
    "library clear": N_("remove what a library move that was broken off left twice"),
    "library adopt": N_("say that the folder is the library although its mark is lost"),
    "records": N_("check the records of jobs and clips, or restore lost ones"),
    "records check": N_("say whether the records are sound, and list the copies"),
    "records restore": N_("put a copy of the records in the place of lost or damaged ones"),
    "records restore --copy": N_("the copy to use (default: the newest)"),
    "records restore --new": N_("start with new records, made from the clips’ files"),
    "models": N_("list the models and what each can do"),
    "sandbox": N_("serve the wire contract on 127.0.0.1 (see: sandbox --help)"),
    "doctor": N_("show what works on this machine"),
    "doctor --decode": N_("also make a video and decode it"),
}
"""Help texts by command and option as they are typed."""
_METAVARS = {
    "COMMAND": N_("COMMAND"),
    "ACTION": N_("ACTION"),
    "FILE": N_("FILE"),
    "ID": N_("ID"),
    "N": N_("N"),
    "TEXT": N_("TEXT"),
    "WORD": N_("WORD"),
}
_STATES = {
    JobState.QUEUED: N_("queued"),
    JobState.SUBMITTING: N_("submitting"),
    JobState.UNCONFIRMED: N_("unconfirmed"),
    JobState.RUNNING: N_("running"),
    JobState.DOWNLOADING: N_("downloading"),
    JobState.DONE: N_("done"),
    JobState.FAILED: N_("failed"),
    JobState.CANCELLED: N_("cancelled"),
}
_SERVICES = {Service.RUNWARE: N_("Runware"), Service.SANDBOX: N_("sandbox")}
ARGPARSE_SENTENCES = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("%(heading)s:"),
    N_("show this help message and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("ignored explicit argument %r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("invalid %(type)s value: %(value)r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("not allowed with argument %s"),
)
"""What Python's own option parser prints, here for the translators alone."""


def help_text(of: str, **figures: object) -> str:
    """The help of a command or option, named as it is typed: ``generate --model``."""
    return _(_HELP[of]).format(**figures)


def metavar(name: str) -> str:
    """What stands for a value in a line of usage."""
    return _(_METAVARS[name])


def concurrency_help() -> str:
    return help_text("--concurrency", most=MOST_CONCURRENCY)


def describe_bad_concurrency(text: str) -> str:
    sentence = _("the number of jobs at once goes from 1 to {most}, not {text}")
    return sentence.format(most=MOST_CONCURRENCY, text=text)


def describe_bad_number(text: str) -> str:
    return _("“{text}” is no number").format(text=text)


def describe_bad_job_id(text: str) -> str:
    return _("a job has a number, as “jobs” shows it, not {text}").format(text=text)


# ------------------------------------------------------------------ jobs


def state_name(state: JobState) -> str:
    """A job's state in a table or a line of the log."""
    return _(_STATES[state])


def describe_state(job: Job) -> str:
    """A job's state, or that it cannot go on by itself at the moment."""
    is_held = job.held_until is not None and not job.state.is_terminal
    return _("needs you") if is_held else state_name(job.state)


def service_name(service: Service) -> str:
    return _(_SERVICES[service])


def jobs_heading() -> tuple[str, ...]:
    return (_("ID"), _("STATE"), _("WHEN"), _("MODEL"), _("COST"), _("TITLE"))


def model_and_length(model: str, seconds: int) -> str:
    """``2.1 Master 5 s``."""
    return _("{model} {seconds} s").format(model=model, seconds=seconds)


def practice_word() -> str:
    """What stands in place of the cost of a clip that the sandbox made."""
    return _("practice")


def no_jobs() -> str:
    return _("No jobs yet.")


def describe_queued(count: int, estimate: str) -> str:
    """How many jobs were queued and what they will cost, as far as that is known."""
    if not estimate:
        return ngettext("{count} job queued", "{count} jobs queued", count).format(
            count=number(count)
        )
    sentence = ngettext("{count} job queued, {cost}", "{count} jobs queued, {cost}", count)
    return sentence.format(count=number(count), cost=estimate)


def describe_queued_only(count: int) -> str:
    return ngettext(
        "{count} job queued; “resume” works on the queue.",
        "{count} jobs queued; “resume” works on the queue.",
        count,
    ).format(count=number(count))


def describe_retried(job_id: int, *, practice: bool) -> str:
    sentence = (
        _("Job {id} is queued; a practice clip costs nothing.")
        if practice
        else _("Job {id} is queued; it is charged as a new clip.")
    )
    return sentence.format(id=job_id)


def describe_cancelled(job_id: int, outcome: str) -> str:
    return _("Job {id}: {outcome}").format(id=job_id, outcome=outcome)


def queue_is_empty() -> str:
    return _("The queue is empty.")


def describe_other_queue(service: Service, others: int) -> str:
    """Say where the jobs are when those of the other service are all there is."""
    if service is Service.SANDBOX:
        return ngettext(
            "Nothing waits for the sandbox; {count} job for Runware stays on hold.",
            "Nothing waits for the sandbox; {count} jobs for Runware stay on hold.",
            others,
        ).format(count=number(others))
    return ngettext(
        "Nothing waits for Runware; “resume --sandbox” continues with {count} job.",
        "Nothing waits for Runware; “resume --sandbox” continues with {count} jobs.",
        others,
    ).format(count=number(others))


# ------------------------------------------------------------------ output and interruption


def describe_output_problem(error: OSError) -> str:
    problem = error.strerror or str(error)
    return _("The output could not be written: {problem}.").format(problem=problem)


def describe_system_problem(error: OSError) -> str:
    """What the system refused outside of data folder and library, such as a temporary file."""
    problem = error.strerror or str(error)
    if error.filename:
        return _("{path}: {problem}.").format(path=error.filename, problem=problem)
    return _("The system refused: {problem}.").format(problem=problem)


def stopped() -> str:
    return _("Stopped.")


# ------------------------------------------------------------------ pictures and batches


def describe_conversion(path: str, note: str) -> str:
    """One line for what was done to a picture without asking."""
    return _("{path}: {note}").format(path=path, note=note)


def describe_picture_error(path: str, sentence: str) -> str:
    return _("{path}: {problem}").format(path=path, problem=sentence)


def turned_upright() -> str:
    return _("Turned upright.")


def describe_recompression(size: str) -> str:
    return _("With --fix it is recompressed to about {size}.").format(size=size)


def describe_resize(width: int, height: int) -> str:
    return _("With --fix it becomes {width} × {height} px.").format(width=width, height=height)


def describe_bad_lines(lines: Sequence[tuple[int, str]], most: int) -> str:
    """What is wrong with a batch file, a line for each of its first wrong lines."""
    sentences = [
        _("line {number}: {problem}").format(number=line, problem=problem)
        for line, problem in lines[:most]
    ]
    more = len(lines) - most
    if more > 0:
        sentences.append(count_more(more))
    return "\n".join((_("Nothing was queued."), *sentences))


# ------------------------------------------------------------------ receipts, money, models


def describe_receipt_count(count: int) -> str:
    return ngettext("{count} receipt", "{count} receipts", count).format(count=number(count))


def receipt_labels() -> dict[str, str]:
    """The names of a receipt's lines."""
    return {
        "job": _("job"),
        "state": _("state"),
        "model": _("model"),
        "service": _("service"),
        "task": _("task"),
        "cost": _("cost"),
        "error": _("error"),
        "file": _("file"),
        "sha256": "sha256",
    }


def spending_labels() -> tuple[str, str]:
    return (_("today"), _("this month"))


def models_heading() -> tuple[str, ...]:
    return (
        _("ID"),
        _("NAME"),
        _("TAKES"),
        _("SIZE"),
        _("FPS"),
        _("SECONDS"),
        _("GOOD FOR"),
    )


# ------------------------------------------------------------------ library


def clips_heading() -> tuple[str, ...]:
    return (_("ID"), _("MADE"), _("MODEL"), _("FILE"), "", _("TITLE"))


def no_clips() -> str:
    return _("No clips.")


def no_clips_yet() -> str:
    return _("No clips yet.")


def missing_word() -> str:
    return _("missing")


def report_words() -> dict[str, str]:
    """What `library verify` says of a file."""
    return {
        "missing": missing_word(),
        "damaged": _("damaged"),
        "changed": _("changed"),
        "moved": _("moved"),
        "returned": _("back"),
        "unknown": _("unknown"),
        "recipe": _("recipe"),
        "passed_over": _("not read"),
    }


def describe_steps(done: int, total: int) -> str:
    return _("{done} of {total}").format(done=number(done), total=number(total))


def describe_checked(count: int, folder: str) -> str:
    return ngettext(
        "{count} clip checked in {folder}", "{count} clips checked in {folder}", count
    ).format(count=number(count), folder=folder)


def describe_unknown_clips(count: int) -> str:
    return ngettext(
        "“library rebuild” adds {count} clip by its recipe.",
        "“library rebuild” adds {count} clips by their recipes.",
        count,
    ).format(count=number(count))


def describe_doubles(count: int, size: str, folder: str) -> str:
    return ngettext(
        "A move was broken off: {count} clip ({size}) lies in {folder} too. "
        "“library clear” removes it there.",
        "A move was broken off: {count} clips ({size}) lie in {folder} too. "
        "“library clear” removes them there.",
        count,
    ).format(count=number(count), size=size, folder=folder)


def describe_cleared(count: int, folder: str) -> str:
    return ngettext(
        "{count} clip removed from {folder}.", "{count} clips removed from {folder}.", count
    ).format(count=number(count), folder=folder)


def nothing_lies_twice() -> str:
    return _("No clips lie twice.")


def describe_adopted(folder: str) -> str:
    return _("{folder} is the library.").format(folder=folder)


def hint_at_adopting() -> str:
    return _("If the disk is plugged in and this is your library, run “library adopt”.")


def describe_added(count: int, folder: str) -> str:
    return ngettext(
        "{count} clip added from {folder}", "{count} clips added from {folder}", count
    ).format(count=number(count), folder=folder)
