import type { Readable, Writable } from "./streams";
import * as collections from "./collections";

declare namespace Server {
    const enum Status {
        Continue = 100,
        Ok = 200,
        Moved = 301,
        NotFound = 404,
        "I'm a teapot" = 418,
    }

    type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

    /** Header names are in lower case. */
    interface Headers {
        readonly [name: string]: string | readonly string[] | undefined;
        readonly "content-type"?: `${string}/${string}`;
        readonly "content-length"?: `${number}`;
    }

    interface Request<Body = unknown> extends Readable {
        readonly method: Method;
        readonly path: `/${string}`;
        readonly query: Partial<Record<string, string>>;
        headers: Headers;
        body: Body;
        json<T>(check?: (value: unknown) => value is T): Promise<T>;
    }

    interface Response extends Writable {
        status: Status | (number & {});
        headers: { -readonly [Name in keyof Headers]: Headers[Name] };
        send(body: string | Uint8Array): this;
        send(body: object, options?: { indent?: number | "tab" }): this;
    }

    interface Handler<Body = unknown> {
        (request: Request<Body>, response: Response, next: () => Promise<void>): void | Promise<void>;
        new?: never;
        readonly name: string;
    }

    namespace Middleware {
        function compress(options?: { level: 1 | 2 | 3; threshold?: number }): Handler;
        function limit(this: Application, perMinute: number): Handler;
    }

    class Application<State extends object = {}> {
        constructor(state?: State);
        readonly state: Readonly<State>;
        use(...handlers: [Handler, ...Handler[]]): this;
        on<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): () => void;
        listen(port: number, host?: string): Promise<{ close(): Promise<void>; readonly port: number }>;
    }

    interface Events {
        request: [request: Request, response: Response];
        error: [error: Error, request?: Request];
        close: [];
    }

    let version: string, started: Date | undefined;
}

declare module "server/testing" {
    export function inject(app: Server.Application<any>, request: Partial<Server.Request>): Promise<Server.Response>;
}

declare module "*.html";

declare global {
    interface Window {
        server: typeof Server;
    }
    var DEBUG: boolean | undefined;
}

export = Server;
