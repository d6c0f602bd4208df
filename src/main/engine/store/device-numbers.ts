/** SQL for the id of the device with this number, also of one that is gone. */
export const idOfDevice = (number: string): string =>
  `coalesce((SELECT id FROM device WHERE number = ${number}), (SELECT id FROM removed_device WHERE number = ${number}))`

/** SQL for the number of the device with this id, also of one that is gone. */
export const numberOfDevice = (id: string): string =>
  `coalesce((SELECT number FROM device WHERE id = ${id}), (SELECT max(number) FROM removed_device WHERE id = ${id}))`
