/** The part of the page's script that shows where somebody is who has a place. Who is registered has none, and gets another page with it. */
export const placedScript: string = `
    if (told.is === "waiting" || told.is === "far") {
      view.isCalled = told.is === "waiting";
      view.epoch = told.epoch;
      view.number = told.number;
      if (told.position) show(told.position, told.waitMs, told.mode, told.progress);
      return soon(told.nextMs);
    }
`;
