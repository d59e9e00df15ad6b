"""Where the command begins."""

from sharecare.collector import resting


def main() -> None:
    """Run the command line."""
    with resting():
        from sharecare.cli import app  # noqa: PLC0415  -- most of the time to start, and what rests it
    app()


if __name__ == "__main__":
    main()
