"""The day that manual pages bear."""
import os
import subprocess
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def day_of_sources():
    """Of the build, if it says one, else of the last commit, else of the list of changes."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch and (PROJECT / ".git").exists():
        epoch = subprocess.run(["git", "-C", PROJECT, "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False).stdout.strip()
    day = time.gmtime(int(epoch) if epoch.isdigit() else (PROJECT / "CHANGELOG.md").stat().st_mtime)
    return time.strftime("%B ", day) + f"{day.tm_mday}, {day.tm_year}"
