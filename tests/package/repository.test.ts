import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { repositoryFields, withRepository } from "../../scripts/_repository.mjs";

test("repositoryFields() makes all fields of one address, however it is copied", () => {
  for (const end of ["", "/", ".git"]) {
    assert.deepEqual(repositoryFields(`https://github.com/owner/name${end}`), {
      homepage: "https://github.com/owner/name#readme",
      bugs: { url: "https://github.com/owner/name/issues" },
      repository: { type: "git", url: "git+https://github.com/owner/name.git" },
    });
  }
  const { repository } = repositoryFields("https://code.example.com:8443/group/sub/a.name-1");
  assert.equal(repository.url, "git+https://code.example.com:8443/group/sub/a.name-1.git");
});

test("repositoryFields() refuses what is the address of no repository, and says what is one", () => {
  const addresses = [
    ...["", " ", "owner/name", "github:owner/name", "git@github.com:owner/name.git", "github.com/owner/name"],
    ...[
      "http://github.com/owner/name",
      "git+https://github.com/owner/name",
      "ssh://git@github.com/owner/name",
    ],
    ...["https://github.com", "https://github.com/", "https://github.com/owner", "https://github.com//name"],
    ...[
      "https://user:word@github.com/owner/name",
      "https://github.com/owner/name?x",
      "https://github.com/owner/name#x",
    ],
    ...[
      "https://github.com/owner/name ",
      "https://github.com/owner/../name/x",
      "https://github.com/owner/n%61me",
    ],
  ];
  for (const address of addresses) {
    assert.throws(() => repositoryFields(address), {
      name: "RangeError",
      message: "STANCHION_REPOSITORY must be the https address of the public repository, such as " +
        `https://github.com/owner/name, received ${JSON.stringify(address)}`,
    });
  }
});

test("withRepository() adds the fields behind the license, once, and changes nothing else", () => {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const first = withRepository(manifest, "https://github.com/owner/name");
  assert.equal(withRepository(first, "https://github.com/owner/name.git"), first);
  const moved = withRepository(first, "https://codeberg.org/other/name");
  assert.doesNotMatch(moved, /github\.com\/owner/);
  const { homepage, bugs, repository, ...others } = JSON.parse(moved) as Record<string, unknown>;
  assert.deepEqual([homepage, bugs, repository].includes(undefined), false);
  const { homepage: _, bugs: __, repository: ___, ...before } = JSON.parse(manifest) as Record<
    string,
    unknown
  >;
  assert.deepEqual(others, before);
  assert.deepEqual(Object.keys(JSON.parse(first) as object).slice(3, 7), [
    "license",
    "homepage",
    "bugs",
    "repository",
  ]);
});
