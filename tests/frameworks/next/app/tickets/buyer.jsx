"use client";

/** Calls the action from a script. */
export function Buyer({ buy }) {
  return <button type="button" id="action" onClick={() => buy()}>Buy by a script</button>;
}
