// Search over all texts and ids, in a lower-case text for each cluster.

class SearchIndex {
  constructor(clusters) {
    this.clusters = clusters;
    this.texts = new Map();
  }

  get isComplete() {
    return this.texts.size === this.clusters.length;
  }

  /** Read every cluster, and tell how far it has come. */
  async build(tell) {
    for (const { rank } of this.clusters) {
      this.texts.set(rank, searchedTexts(await clusterBlock(rank)).join("\n"));
      if (this.texts.size % 25 === 0 || this.isComplete) tell();
    }
  }

  /** The ranks of the clusters that hold the words, wherever they stand. */
  find(words) {
    const wanted = searchedFor(words);
    const found = new Set();
    for (const [rank, text] of this.texts) if (text.includes(wanted)) found.add(rank);
    return found;
  }
}

/** What is searched of each member of a cluster. */
function searchedTexts(members) {
  return members.ids.map((id, place) => `#${id} ${members.sources[place]} ${members.texts[place]}`.toLowerCase());
}

function searchedFor(words) {
  return words.trim().toLowerCase();
}
