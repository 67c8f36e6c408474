"""`python -m searchsvc`: the same commands as `searchsvc`."""

from searchsvc.cli import main

if __name__ == "__main__":
    main()
