// The functions are bundled one by one by scripts/build-functions.mjs; nothing imports them.
export {};
