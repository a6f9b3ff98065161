/**
 * The page's script: asks for the view as JSON and changes what differs. It announces sparingly, backs off while the
 * connection is gone, and asks at once when a sleeping phone wakes.
 */
export const SCRIPT = `(() => {
  const main = document.querySelector("main");
  const status = document.querySelector("[role=status]");
  const bar = document.querySelector("progress");
  const every = Number(main.dataset.poll);
  let timer, busy = false, failures = 0, spokenAt = Date.now(), situation = main.dataset.situation;

  const part = (name) => document.querySelector('[data-part="' + name + '"]');
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(poll, ms); };

  function say(text, urgent) {
    const now = Date.now();
    if (text === status.textContent || (!urgent && now - spokenAt < 30000)) return;
    spokenAt = now;
    status.textContent = text;
  }

  function show(view) {
    for (const node of document.querySelectorAll("[data-text]")) {
      const text = view[node.dataset.text];
      if (typeof text === "string" && node.textContent !== text) node.textContent = text;
    }
    part("position").hidden = view.position === "";
    document.querySelector(".number").classList.toggle("long", view.position.length > 5);
    part("message").hidden = view.message === "";
    bar.value = view.progress;
    document.title = view.documentTitle;
    say(view.announce, view.situation !== situation || !part("lost").hidden);
    part("lost").hidden = true;
    main.dataset.situation = situation = view.situation;
  }

  async function poll() {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    const abort = new AbortController();
    const limit = setTimeout(() => abort.abort(), 10000);
    try {
      const answer = await fetch(location.href, {
        headers: { accept: "application/json" }, cache: "no-store", signal: abort.signal,
      });
      if (answer.status === 400 || answer.status === 404) return location.reload();
      if (!answer.ok) throw new Error("HTTP " + answer.status);
      const view = await answer.json();
      if (typeof view.location === "string") {
        location.replace(view.location);
        return later(15000);
      }
      failures = 0;
      show(view);
      later(view.pollMs);
    } catch {
      failures++;
      if (failures > 1) {
        part("lost").hidden = false;
        say(main.dataset.lost, failures === 2);
      }
      later(Math.min(30000, every * 2 ** failures) * (0.75 + Math.random() / 2));
    } finally {
      clearTimeout(limit);
      busy = false;
    }
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
  addEventListener("pageshow", (event) => { if (event.persisted) poll(); });
  addEventListener("online", poll);
  later(every);
})();`;
