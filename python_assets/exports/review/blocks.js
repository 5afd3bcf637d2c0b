// The data of the page, which stands packed in script elements that no browser runs.

/** Unpack a block of the page. */
async function readBlock(name) {
  const packed = Uint8Array.from(atob(byId(`block-${name}`).textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

function clusterBlock(rank) {
  return readBlock(`cluster-${rank}`);
}
