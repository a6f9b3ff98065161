let bought = 0;

export function count() {
  return bought;
}

export function buy() {
  bought++;
  // The test looks for this line.
  console.log("the application sold");
}
