"""The entry point: the window without a subcommand, a program of its own with one."""

import sys


def main() -> int:
    """Run the window, the sandbox or a subcommand; return the process's exit code."""
    # Each program is imported only when it is the one that runs: the window must paint soon.
    arguments = sys.argv[1:]
    if arguments and getattr(sys, "frozen", False) and _serve_own_process(arguments):
        return 0
    try:
        if not arguments:
            from kling_desktop.app.program import main as open_window

            return open_window()
        if arguments[0] == "sandbox":
            from kling_desktop.sandbox.program import main as serve

            return serve(arguments[1:])
        from kling_desktop.cli.program import main as run_command

        return run_command(arguments)
    except KeyboardInterrupt:  # while it was still being imported
        return 3


def _serve_own_process(arguments: list[str]) -> bool:
    """Be the child process that a packaged app starts by its own program, if it is one."""
    import multiprocessing

    multiprocessing.freeze_support()  # for any library that uses it; ends the process then
    if arguments != ["decode"]:
        return False
    from kling_desktop.media.confinement import main as decode

    decode()
    return True


if __name__ == "__main__":
    sys.exit(main())
