// SPDX-License-Identifier: Apache-2.0
// Requests to the page's own server.

const token = document.querySelector('meta[name="token"]').content;

async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("the server does not answer; is `act dataset browse` still running?");
  }
  if (!response.ok) {
    const fault = await response.json().catch(() => ({}));
    throw new Error(fault.error ?? `the server answered ${response.status}`);
  }
  return response;
}

export async function getJson(path) {
  return (await answered(path)).json();
}

export async function getBytes(path, signal) {
  return (await answered(path, { signal })).arrayBuffer();
}

export async function post(path, value = {}) {
  const response = await answered(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Act-Token": token },
    body: JSON.stringify(value),
  });
  return response.json();
}
