# SPDX-License-Identifier: Apache-2.0
"""How long `act dataset browse` takes to open for a folder of many episodes, in Chromium.

    python act_recorder/bench/bench_browse.py [EPISODES]

Counts from the start of the command: until it prints its address (Python's imports), until the
page lists every file, until each file was read. Needs chromium and chromedriver.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

from act_core.testing import make_episode

COMMAND = (sys.executable, "-m", "act_recorder.dataset.command", "browse")
LIMIT_S = 2.0
LISTED = "return document.querySelectorAll('tbody tr').length"
READ = "return document.querySelectorAll('tr[data-state=whole]').length"


def browser() -> webdriver.Chrome:
    """Return Chromium without a window, started before anything is measured."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def measure(folder: Path, number: int, driver: webdriver.Chrome) -> dict[str, float]:
    """Return the seconds from the start of the command to each event."""
    start_s = time.monotonic()
    passed: dict[str, float] = {}

    def told(name: str) -> None:
        passed[name] = time.monotonic() - start_s

    with subprocess.Popen([*COMMAND, str(folder), "--no-open"], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().decode().strip()
            told("address printed")
            driver.get(url)
            wait = WebDriverWait(driver, 60, poll_frequency=0.01)
            wait.until(lambda _: driver.execute_script(LISTED) == number)
            told("all listed")
            wait.until(lambda _: driver.execute_script(READ) == number)
            told("all read")
        finally:
            process.terminate()
    return passed


def main() -> int:
    """Print the times of three runs; return 1 if the page has not opened in time."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    driver = browser()
    late = False
    with TemporaryDirectory() as name:
        folder = Path(name)
        for seed in range(number):
            make_episode(folder, num_frames=5, seed=seed)
        for _ in range(3):
            passed = measure(folder, number, driver)
            print(f"{number} episodes: " + ", ".join(f"{k} {v:.2f} s" for k, v in passed.items()))
            late |= passed["all listed"] - passed["address printed"] > LIMIT_S
    driver.quit()
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
