"use server";

import { revalidatePath } from "next/cache";

const shop = globalThis.shopOfTheTest ??= { bought: 0 };

export async function buy() {
  shop.bought++;
  revalidatePath("/tickets");
}
