/** Where the page's script takes the figures of its lane for those of all others. */
export const laneCall: string = `Object.assign(status, status.priority);`;
