import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  checkNpm,
  checkVersion,
  distTag,
  ReleaseError,
  repositoryFault,
  statusFault,
  withDate,
  withVersion,
} from "../../scripts/_release.ts";

function refused(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof ReleaseError && message.test(error.message);
}

describe("checkVersion()", () => {
  test("accepts the current version, which was not released yet, and later ones", () => {
    for (const version of ["0.1.0", "0.1.1", "0.2.0-rc.1", "1.0.0", "0.10.0"]) checkVersion(version, "0.1.0");
    checkVersion("0.2.0", "0.2.0-rc.9");
    checkVersion("0.2.0-rc.10", "0.2.0-rc.9");
    checkVersion("0.2.0-rc.1", "0.2.0-beta.4");
  });

  test("refuses what is no version", () => {
    for (const version of ["", "1", "1.2", "v1.2.3", "1.2.3.4", "1.2.3-", "1.2.3-rc", "next", "1.2.3 "]) {
      assert.throws(() => checkVersion(version, "0.1.0"), refused(/is no version\. Give one such as/));
    }
  });

  test("refuses to go back", () => {
    for (const version of ["0.1.9", "0.0.1", "0.2.0-rc.1", "0.2.0-beta.2"]) {
      assert.throws(() => checkVersion(version, "0.2.0"), refused(/comes before 0\.2\.0/));
    }
  });
});

test("checkNpm() accepts an npm that publishes without a token, and tells what to do with another", () => {
  for (const version of ["11.5.1", "11.5.1\n", "11.19.1", "12.0.0"]) checkNpm(version);
  for (const version of ["11.5.0", "10.9.4", "9.9.9", "not found"]) {
    assert.throws(() => checkNpm(version), refused(/needs a token to publish\. Take the Node whose npm is/));
  }
});

describe("withVersion()", () => {
  test("changes the version of the manifest and nothing else", () => {
    const text = '{\n  "name": "x",\n  "version": "0.1.0",\n  "dependencies": { "version": "1" }\n}\n';
    assert.equal(withVersion(text, "0.2.0"), text.replace("0.1.0", "0.2.0"));
  });

  test("says what to do with a manifest that has none", () => {
    assert.throws(() => withVersion('{\n  "name": "x"\n}\n', "1.0.0"), refused(/Add one/));
  });
});

describe("withDate()", () => {
  const today = "2030-01-15";
  const older = "## 0.1.0 (2029-12-01)\n\n- The first.\n";

  test("dates the section of the version that is unreleased", () => {
    const { text, notes } = withDate(
      `# Changes\n\n## 0.2.0 (unreleased)\n\n- A gate.\n\n${older}`,
      "0.2.0",
      today,
    );
    assert.equal(text, `# Changes\n\n## 0.2.0 (2030-01-15)\n\n- A gate.\n\n${older}`);
    assert.equal(notes, "- A gate.");
  });

  test("makes the section out of what is unreleased, whatever it is called", () => {
    for (const title of ["Unreleased", "unreleased", "0.1.1 (unreleased)"]) {
      const { text } = withDate(`## ${title}\n\n- A gate.\n\n${older}`, "0.2.0", today);
      assert.equal(text, `## 0.2.0 (2030-01-15)\n\n- A gate.\n\n${older}`);
    }
  });

  test("leaves a section alone that has today's date", () => {
    const changelog = `## 0.2.0 (${today})\n\n- A gate.\n\n${older}`;
    assert.deepEqual(withDate(changelog, "0.2.0", today), { text: changelog, notes: "- A gate." });
  });

  test("refuses a version that was released on another day", () => {
    assert.throws(() => withDate(older, "0.1.0", today), refused(/today's date, 2030-01-15/));
  });

  test("refuses a changelog that does not speak of the version", () => {
    for (const changelog of ["# Changes\n", older]) {
      assert.throws(
        () => withDate(changelog, "0.2.0", today),
        refused(/no section for 0\.2\.0\. Begin it with/),
      );
    }
  });

  test("refuses a section that says nothing", () => {
    assert.throws(() => withDate(`## Unreleased\n\n${older}`, "0.2.0", today), refused(/is empty/));
  });
});

test("distTag() keeps what comes before a release from those who name no version", () => {
  assert.equal(distTag("1.2.3"), "latest");
  assert.equal(distTag("1.2.3-rc.1"), "rc");
});

test("repositoryFault() wants to know where the repository is, from the manifest or from the variable", () => {
  assert.equal(repositoryFault(true, ""), undefined);
  assert.equal(repositoryFault(false, "https://github.com/owner/name"), undefined);
  assert.match(
    repositoryFault(false, "") ?? "",
    /does not say where .+ Set STANCHION_REPOSITORY to its address, such as https:/,
  );
  // A wrong one is never taken for none.
  for (const isNamed of [true, false]) {
    assert.match(
      repositoryFault(isNamed, "owner/name") ?? "",
      /must be the https address .+ received "owner\/name"\.$/,
    );
  }
});

test("statusFault() finds a README that says that nothing is released", () => {
  const status = "**Status:** version 0.1.0";
  assert.match(statusFault(`${status} is not released.`) ?? "", /README\.md .* Say there what will be true/);
  assert.match(statusFault("There is no package on npm or JSR yet") ?? "", /Status/);
  assert.equal(statusFault(`${status} of November. Names and options may change in 0.x.`), undefined);
});
