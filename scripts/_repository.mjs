// The fields of package.json that say where the public repository is, all made of one address: that in the variable
// STANCHION_REPOSITORY. Plain JavaScript, because the build runs on whatever Node there is.

/** The variable of the environment that has the address. */
export const variable = "STANCHION_REPOSITORY";

/**
 * Makes the fields of an address.
 *
 * @param {string} address Such as `https://github.com/owner/name`.
 * @throws {RangeError} When it is the address of no repository.
 */
export function repositoryFields(address) {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const path = url?.pathname.replace(/\/$/, "").replace(/\.git$/, "") ?? "";
  // Letter for letter: nothing is left over for a user's name, a port's default, a query or a fragment.
  const isPlain = url?.protocol === "https:" && /^(?:\/[\w.~-]+){2,}$/.test(path) &&
    [path, `${path}/`, `${path}.git`].some((each) => address === url.origin + each);
  if (!isPlain) {
    throw new RangeError(
      `${variable} must be the https address of the public repository, such as https://github.com/owner/name, ` +
        `received ${JSON.stringify(address)}`,
    );
  }
  const page = url.origin + path;
  return {
    homepage: `${page}#readme`,
    bugs: { url: `${page}/issues` },
    repository: { type: "git", url: `git+${page}.git` },
  };
}

/**
 * Puts the fields into the text of a manifest, behind its license, in place of those that it has.
 *
 * @param {string} manifest The text of package.json.
 * @param {string} address The address.
 */
export function withRepository(manifest, address) {
  const { homepage: _, bugs: __, repository: ___, ...others } = JSON.parse(manifest);
  const entries = Object.entries(others);
  const at = entries.findIndex(([name]) => name === "license") + 1;
  entries.splice(at, 0, ...Object.entries(repositoryFields(address)));
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}
