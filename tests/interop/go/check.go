// A stranger's check of an archive's head, its tiles and one proof, by golang.org/x/mod alone.
package main

import (
	"encoding/base64"
	"fmt"
	"io/ioutil"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func demand(err error, what string) {
	if err != nil {
		fmt.Println("REFUSED", what, err)
		os.Exit(3)
	}
}

func head(data []byte, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	demand(err, "verifier key")
	opened, err := note.Open(data, note.VerifierList(verifier))
	demand(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	demand(err, "size")
	raw, err := base64.StdEncoding.DecodeString(lines[2])
	demand(err, "root")
	var tree tlog.Tree
	tree.N = size
	copy(tree.Hash[:], raw)
	return tree
}

type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		name := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := ioutil.ReadFile(filepath.Join(t.folder, name))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func main() {
	folder, vkey, proofFile, olderFile := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	data, err := ioutil.ReadFile(filepath.Join(folder, "checkpoint"))
	demand(err, "checkpoint")
	tree := head(data, vkey)
	reader := tlog.TileHashReader(tree, tiles{folder})

	// every leaf in the entry bundles is the leaf of the tree
	entries := 0
	for start := int64(0); start < tree.N; start += 256 {
		name := fmt.Sprintf("tile/entries/%03d", start/256)
		if tree.N-start < 256 {
			name += fmt.Sprintf(".p/%d", tree.N-start)
		}
		bundle, err := ioutil.ReadFile(filepath.Join(folder, name))
		demand(err, "entries")
		var indexes []int64
		var leaves [][]byte
		for len(bundle) > 0 {
			length := int(bundle[0])<<8 | int(bundle[1])
			leaves = append(leaves, bundle[2:2+length])
			bundle = bundle[2+length:]
			indexes = append(indexes, tlog.StoredHashIndex(0, start+int64(len(indexes))))
		}
		hashes, err := reader.ReadHashes(indexes)
		demand(err, "tiles")
		for i, leaf := range leaves {
			if tlog.RecordHash(leaf) != hashes[i] {
				demand(fmt.Errorf("record %d", start+int64(i)), "leaf")
			}
			entries++
		}
	}

	// the proof of one record (C2SP tlog-proof)
	text, err := ioutil.ReadFile(proofFile)
	demand(err, "proof")
	parts := strings.SplitN(string(text), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		demand(fmt.Errorf("%q", lines[0]), "form")
	}
	leaf, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	demand(err, "leaf")
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	demand(err, "index")
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		demand(err, "node")
		var hash tlog.Hash
		copy(hash[:], raw)
		proof = append(proof, hash)
	}
	under := head([]byte(parts[1]), vkey)
	demand(tlog.CheckRecord(proof, under.N, under.Hash, index, tlog.RecordHash(leaf)), "proof of the record")

	// an older head is a prefix
	older, err := ioutil.ReadFile(olderFile)
	demand(err, "older head")
	before := head(older, vkey)
	consistency, err := tlog.ProveTree(tree.N, before.N, reader)
	demand(err, "consistency")
	demand(tlog.CheckTree(consistency, tree.N, tree.Hash, before.N, before.Hash), "consistency")
	fmt.Println("AGREES", tree.N, entries, index, before.N)
}
