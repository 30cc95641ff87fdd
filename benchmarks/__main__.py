"""``python -m benchmarks [--quick] [--out FOLDER] [NAME …]``: all benchmarks, or those named."""

from benchmarks import commands, files, http, reads, real_log, replay, sizes
from benchmarks.harness import main
from ledger.processes import keep_many_objects

if __name__ == "__main__":
    keep_many_objects()  # as each of our programs does
    raise SystemExit(
        main(
            {
                "commands": commands.run,
                "http": http.run,
                "reads": reads.run,
                "replay": replay.run,
                "files": files.run,
                "real_log": real_log.run,
                "sizes": sizes.run,
            }
        )
    )
