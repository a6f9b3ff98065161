/** The part of the page's script that takes the times which the room says: openings are moved while pages are open. */
export const timesScript: string = `
  // Times in the page are written as the visitor's own clock has them. Each is as far from the opening as it was.
  function times({ now, opensAt }) {
    for (const each of page.querySelectorAll("[data-part=opens] time")) {
      const time = new Date(+new Date(each.dateTime) + opensAt - view.opensAt);
      each.dateTime = time.toJSON();
      each.textContent = time.toLocaleString(language, { dateStyle: "long", timeStyle: "short" });
    }
    view.now = now + age * 1000;
    view.opensAt = opensAt;
    knownAt = performance.now();
  }
`;
