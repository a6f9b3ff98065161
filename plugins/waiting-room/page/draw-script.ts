/** The part of the page's script for who is registered for a lottery: a registration is no place yet. */
export const drawScript: string = `
  // Once the order is drawn, the room gives the ticket for the place.
  async function draw(status) {
    const { epoch, lottery, mode, poll, opensAt, now } = status;
    note(status);
    times(status);
    if (mode === "bypass") return move();
    if (epoch === view.epoch && lottery && lottery !== "drawn") {
      return soon(Math.max(poll * 1000, Math.min(300000, (opensAt - now) / 10)));
    }
    const told = await post("/place", {});
    if (told.is === "registered") return soon(poll * 1000);
    move();
  }
`;

/** Where it is asked. */
export const drawCall: string = `if (view.isRegistered) return await draw(status);`;
