/** Streams that wait for their second half. */
export const streams = [];
