/*
 * Types that compute other types.
 */

type Primitive = string | number | bigint | boolean | symbol | null | undefined;

export type DeepReadonly<T> = T extends Primitive | ((...args: never[]) => unknown)
    ? T
    : { readonly [K in keyof T]: DeepReadonly<T[K]> };

export type Mutable<T> = { -readonly [K in keyof T]-?: T[K] };

export type Getters<T> = {
    readonly [K in keyof T as K extends string ? `get${Capitalize<K>}` : never]: () => T[K]
};

export type Split<S extends string, By extends string = ","> =
    string extends S ? string[]
    : S extends "" ? []
    : S extends `${infer Head}${By}${infer Tail}` ? [Head, ...Split<Tail, By>]
    : [S];

export type FirstWord<T> = T extends [infer W extends string, ...unknown[]] ? W : undefined;

export type ElementOf<T extends readonly unknown[]> = T[number];

type Result<T, E = Error> =
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: E };

export type Unwrapped<T> = T extends Result<infer V, any> ? V : T extends PromiseLike<infer P> ? Unwrapped<P> : T;

export type Constructor<T = {}> = abstract new (...args: any[]) => T;
export type InstanceOf<C extends Constructor> = C extends abstract new (...args: any) => infer I ? I : any;

type Direction = -1 | 0 | 1;
type Flags = 0b101 | 0o17 | 0xFF | 1_000_000n | .5 | 6.02e23;
type Pair<A, B = A> = [first: A, second?: B, ...rest: (A | B)[]];
type Key = keyof typeof import("./collections") | unique symbol;
type Table = import("./collections").Table<string, unknown>;

export type { Result };
