// SPDX-License-Identifier: Apache-2.0
// A line at the bottom that says what was done, with the way back.

const SHOWN_MS = 12000;
const box = document.querySelector("#notice");
const [text, button] = box.children;
let timer = 0;
let undo = null;

export function notice(message, onUndo = null) {
  clearTimeout(timer);
  text.textContent = message;
  undo = onUndo;
  button.hidden = onUndo === null;
  box.classList.remove("fault");
  box.hidden = false;
  timer = setTimeout(hide, SHOWN_MS);
}

export function fault(error) {
  notice(error.message);
  box.classList.add("fault");
}

function hide() {
  box.hidden = true;
  undo = null;
}

button.addEventListener("click", () => {
  const action = undo;
  hide();
  action?.();
});
