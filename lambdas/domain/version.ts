/** Version of the numbers: grows whenever the same input can give another result. */
export const ENGINE_VERSION = '1.0.0';
