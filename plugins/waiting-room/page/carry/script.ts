/**
 * The part of the page's script that shows the link and the code in the page, so that its place is looked at meanwhile. Where that
 * fails, the browser opens them as a page of their own.
 */
export const carryScript: string = `
  async function carry(event) {
    const form = event.currentTarget;
    event.preventDefault();
    try {
      const answer = await fetch(form.action, {
        method: "POST", headers: { accept: "text/html" }, body: new URLSearchParams({ page: sentFrom || location.href }),
      });
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("section");
      part("carry")?.remove();
      form.after(found);
      const input = found.querySelector("input"), copy = found.querySelector("button");
      on(input, "focus", () => input.select());
      copy.hidden = !navigator.clipboard;
      on(copy, "click", () => navigator.clipboard.writeText(input.value).then(() => copy.textContent += " \\u2713", () => input.focus()));
      found.firstElementChild.focus();
    } catch {
      form.submit();
    }
  }
`;
