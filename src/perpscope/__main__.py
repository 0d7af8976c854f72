"""What does `python -m perpscope` do? The same as the command."""

from perpscope.cli.app import main

if __name__ == "__main__":
    main()
