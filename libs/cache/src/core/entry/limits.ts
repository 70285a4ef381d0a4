/** Containers inside containers. Every walk is recursive, so this keeps hostile input off the end of the stack. */
export const DEEPEST = 200;

/** Estimated heap bytes of one value. Shared references are duplicated, so a small graph can be a huge tree. */
export const LARGEST = 128 * 1024 * 1024;
