/** Constants that several parts of the script have. */

export const spareMs: number = 5000;
export const servedMs: number = 300_000;
export const quietMs: number = 10_000;
export const unlimited: number = -1;
export const lateMs: number = 60_000;
export const hiddenMs: number = 90_000;

/** For how long a room is kept that nobody asks for. Its sets stay longer, so that none is missing while the rest is there. */
const keptDays = 90;
const day = 86_400;
export const stateSeconds: number = keptDays * day;
export const setSeconds: number = (keptDays + 10) * day;
/** That time begins anew once a day, and no more often. */
export const refreshMs: number = (keptDays - 1) * day * 1000;
