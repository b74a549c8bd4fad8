export const handler = async ({ id, lines }) => ({
  parcel: `P-${id}`,
  pieces: lines.reduce((sum, { count }) => sum + count, 0),
})
