// Without a compiler there are no decorators: they are functions that are called.
import { PassThrough } from "node:stream";
import { Body, Controller, Get, Header, Module, Post, StreamableFile } from "@nestjs/common";

const streams = [];

class Shop {
  open() {
    return "open page";
  }
  tickets() {
    return "protected page";
  }
  buy(body) {
    return `bought ${body.seat}`;
  }
  error() {
    throw new Error("broken");
  }
  stream() {
    const stream = new PassThrough();
    stream.write("one");
    streams.push(stream);
    return new StreamableFile(stream);
  }
  more() {
    for (const stream of streams.splice(0)) stream.end("two");
    return "";
  }
}

/** Applies decorators to a method. */
function on(name, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(Shop.prototype, name);
  for (const decorate of decorators) decorate(Shop.prototype, name, descriptor);
}

on("open", Get("open"));
on("tickets", Get("tickets"), Header("cache-control", "public, max-age=60"), Header("set-cookie", "own=1"));
on("buy", Post("tickets"));
Body()(Shop.prototype, "buy", 0);
on("error", Get("tickets/error"));
on("stream", Get("tickets/stream"));
on("more", Get("more"));
Controller()(Shop);

export class AppModule {}
Module({ controllers: [Shop] })(AppModule);
