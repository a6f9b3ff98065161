/** Tabs of one name go together: who has chosen JSR once, sees its names in all examples. */

const key = "stanchion-tab";

/** Follows what is chosen, on this page and on those that come. */
export function followTabs(): void {
  document.addEventListener("change", ({ target }) => {
    if (
      !(target instanceof HTMLInputElement) ||
      !target.matches(".vp-code-group .tabs input")
    ) return;
    const name = nameOf(target);
    choose(name, target);
    try {
      localStorage.setItem(key, name);
    } catch {
      // A browser that keeps nothing forgets it with the page.
    }
  });
}

/** Opens the tabs that were chosen before. */
export function restoreTabs(): void {
  try {
    const name = localStorage.getItem(key);
    if (name !== null) choose(name, undefined);
  } catch {
    // As above.
  }
}

/** Opens the tabs of a name, but for one, without leaving the place that is being read. */
function choose(name: string, but: HTMLInputElement | undefined): void {
  const top = but?.getBoundingClientRect().top;
  for (
    const input of document.querySelectorAll<HTMLInputElement>(
      ".vp-code-group .tabs input",
    )
  ) {
    // A click, for VitePress shows the block of what is clicked.
    if (input !== but && !input.checked && nameOf(input) === name) {
      input.click();
    }
  }
  if (but !== undefined && top !== undefined) {
    scrollBy(0, but.getBoundingClientRect().top - top);
  }
}

function nameOf(input: HTMLInputElement): string {
  return input.nextElementSibling?.textContent?.trim() ?? "";
}
