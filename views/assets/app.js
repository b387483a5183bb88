// The little that HTML cannot do by itself. Every page works without it.
(() => {
  "use strict";

  /** Copy buttons are hidden until there is a script that can copy. */
  function showCopyButtons(root) {
    for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
  }

  function announce(text) {
    const announcer = document.getElementById("announcer");
    if (announcer && text) announcer.textContent = text;
  }

  async function copy(button, text) {
    await navigator.clipboard.writeText(text);
    announce(button.dataset.copied);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    const text = button?.parentElement.querySelector("code")?.textContent;
    if (text) void copy(button, text);
  });

  /**
   * After a part of the page was replaced: the focus goes to what asks for it (a summary of errors), or, when the
   * focused element is gone, to the replaced part; and the new count is said to screen readers.
   */
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target;
    if (!(target instanceof Element) || !target.isConnected) return;
    showCopyButtons(target);
    const wanted = target.querySelector("[data-focus]");
    const lost = document.activeElement === null || document.activeElement === document.body;
    const next = wanted ?? (lost ? target.querySelector("[tabindex='0']") : null);
    next?.focus({ preventScroll: wanted === null });
    announce(target.querySelector("[data-announce]")?.textContent);
  });

  showCopyButtons(document);
})();
