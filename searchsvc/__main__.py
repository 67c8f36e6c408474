"""The entry point of `python -m searchsvc`, with the same commands as `searchsvc`."""

from searchsvc.cli import main

if __name__ == "__main__":
    main(prog_name="searchsvc")
