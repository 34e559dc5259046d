"""``python -m slo_reports``: the same as the ``slo-reports`` command."""

from slo_reports.cli import main

if __name__ == "__main__":
    main()
