export function load() {
  return { first: "first", late: new Promise((resolve) => setTimeout(() => resolve("late INSIDE"), 1500)) };
}
