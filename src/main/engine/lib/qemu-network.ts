/** Where a virtual board finds the machine that it runs on: QEMU's user network says so. */
export const HOST_OF_BOARDS = '10.0.2.2'
