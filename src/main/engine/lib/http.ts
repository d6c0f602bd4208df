/** Of node:http. Imported by that name, it would load a client of WebSockets that nobody needs: 20 ms and more of a start. */
export const { Agent, createServer, request } = process.getBuiltinModule('node:http')
