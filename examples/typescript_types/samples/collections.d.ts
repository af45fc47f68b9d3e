// A library of collections, as its users see it.

/** What can be gone through. */
export interface Sequence<out T> {
    readonly length: number;
    [Symbol.iterator](): Iterator<T>;
    map<U>(change: (value: T, index: number) => U): Sequence<U>;
    filter<U extends T>(test: (value: T) => value is U): Sequence<U>;
    filter(test: (value: T) => boolean): Sequence<T>;
    reduce<A>(start: A, step: (sum: A, value: T, index: number) => A): A;
    zip<Others extends readonly Sequence<unknown>[]>(
        ...others: Others
    ): Sequence<[T, ...{ [I in keyof Others]: Others[I] extends Sequence<infer U> ? U : never }]>;
}

export declare class List<T> implements Sequence<T> {
    static of<T>(...values: T[]): List<T>;
    static readonly empty: List<never>;
    private constructor();
    protected readonly items: readonly T[];
    get length(): number;
    set length(value: number);
    [Symbol.iterator](): Iterator<T>;
    [index: number]: T | undefined;
    push(value: T): this;
    pop(): T | undefined;
    map<U>(change: (value: T, index: number) => U): List<U>;
    filter<U extends T>(test: (value: T) => value is U): List<U>;
    filter(test: (value: T) => boolean): List<T>;
    reduce<A>(start: A, step: (sum: A, value: T, index: number) => A): A;
    zip<Others extends readonly Sequence<unknown>[]>(...others: Others): List<[T, ...unknown[]]>;
}

export declare abstract class Table<K extends string | number | symbol, V> {
    #cells;
    abstract get(key: K): V | undefined;
    abstract set(key: K, value: V): this;
    entries(): Sequence<[key: K, value: V]>;
    group<G extends string>(by: (value: V, key: K) => G): { [name in G]?: Table<K, V> };
}

export declare function isEmpty(sequence: Sequence<unknown>): sequence is Sequence<never>;
export declare function assertFull<T>(
    sequence: Sequence<T | null | undefined>,
): asserts sequence is Sequence<NonNullable<T>>;
export declare function range(end: number): List<number>;
export declare function range(start: number, end: number, step?: number): List<number>;
