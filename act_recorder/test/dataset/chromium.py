# SPDX-License-Identifier: Apache-2.0
"""Chromium without a window, and what it has asked for and complained about."""

import json
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,900",
)  # fmt: skip


def start() -> WebDriver:
    """Return a browser, or skip the test where the machine has none."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("no chromium and chromedriver on this machine")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    # A browser that stands still fails its test; without a limit it would end the whole run.
    chrome.command_executor.client_config.timeout = 45
    chrome.set_page_load_timeout(30)
    chrome.set_script_timeout(30)
    return chrome


def stop(driver: WebDriver) -> None:
    """End the browser, also one that no longer answers."""
    driver.command_executor.client_config.timeout = 10
    driver.quit()


def requested(driver: WebDriver) -> set[str]:
    """Return the addresses that the page has asked for since the last call."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return {
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }


def complaints(driver: WebDriver) -> list[str]:
    """Return what the console says since the last call."""
    return [entry["message"] for entry in driver.get_log("browser")]
