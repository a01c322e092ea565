"""Ids of tricky texts from Hugging Face's tokenizers, for small tokenizers of every kind that this app honours.
Rerun: python test/golden/tokenizers/make.py   (writes cases.json beside this file)"""
import json
import os

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers as pre, processors, trainers

here = os.path.dirname(os.path.abspath(__file__))
CORPUS = ["The quick brown fox jumps over the lazy dog.", "It's 2024, isn't it? We'll see 12345 things!", "naïve café déjà vu — 日本語 текст", "def f(x):\n    return x + 1\n\n", "hello hello hello world world", "Über $100.00 for A-B_C; ok?"] * 3
TEXTS = [
    "The quick brown fox", " hello  world ", "It's 2024, isn't it?", "IT'S WE'LL i'm", "12345 67 8", "½ ⅔ Ⅷ ² ₂ H₂O ٣٤", "naïve café ﬁ Å e\u0301", "日本語 テキスト 🙂👩‍👩‍👧", "a\ufeffb \ufeff c", "x\x85y\u2028z\u3000w\xa0v", "tabs\tand\n\nnew\r\nlines  \n ",
    "!!! ... --- ?! (a) [b] {c} $5 +1 a_b", "  leading", "trailing  ", "<s>begin</s> <mask> end<pad>x", "a<mask>b  <mask>  c <MASK> d", "ĠHello ▁world ▁▁x", "constructor __proto__ toString", "ΟΔΟΣ ß İ", "the $& $1 money", "", " ", "\n", "a b  c   d", "x" * 40,
    "Ab1 cD22 eF333 gH4444", "don't\u2019t won\u2019t", "http://a.b/c?d=e&f=g#h", "\u0000\u0007\x1b", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠮷", "тест ТЕСТ", "ab\u200bcd\u200d", "...a!b", "end </s>", "a\x85\x85b  \x85c",
]
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
BYTES = dict(initial_alphabet=pre.ByteLevel.alphabet())
SPECIAL = ["<s>", "</s>", "<pad>"]
BOS = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])


def trained(model, trainer, pre_tokenizer, normalizer=None, post=None, mask=None, size=420, **more):
    tok = Tokenizer(model)
    if pre_tokenizer: tok.pre_tokenizer = pre_tokenizer
    if normalizer: tok.normalizer = normalizer
    tok.train_from_iterator(CORPUS, trainer(vocab_size=size, special_tokens=[*SPECIAL, *more.pop("special", [])], show_progress=False, **more))
    if post: tok.post_processor = post
    tok.add_special_tokens([mask or AddedToken("<mask>", special=True)])
    return tok


def bpe(pre_tokenizer, **more):
    model = models.BPE(**more.pop("model", {}))
    return trained(model, trainers.BpeTrainer, pre_tokenizer, **{**(BYTES if more.pop("bytes", True) else {}), **more})


def changed(tok, change):
    file = json.loads(tok.to_str())
    change(file)
    return Tokenizer.from_str(json.dumps(file))


def whole_words(file):
    """Words that no merge makes, as Llama 3's vocabulary has some: ignore_merges takes them whole."""
    ids = max(file["model"]["vocab"].values())
    for word in ["ĠjumpsĠover", "Ġfoxy", "zyx", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]:
        ids += 1
        file["model"]["vocab"][word] = ids
    mask = file["added_tokens"][-1]
    mask["id"] = ids + 1
    file["model"]["ignore_merges"] = True


def holes(file):
    for token, i in file["model"]["vocab"].items():
        if i > 300: file["model"]["vocab"][token] = i + 17
    file["model"]["vocab"]["<mask>"] = file["added_tokens"][-1]["id"] = 999


def older_metaspace(prefix):
    def change(file):
        file["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": prefix}
    return change


def byte_pieces(tok):
    def change(file):
        vocab = file["model"]["vocab"]
        at = max(max(vocab.values()), max(t["id"] for t in file["added_tokens"])) + 1
        for b in range(256): vocab[f"<0x{b:02X}>"] = at + b
        vocab["<mask>"] = file["added_tokens"][-1]["id"] = at + 256
        file["model"]["byte_fallback"] = True
    return changed(tok, change)


split = lambda pattern, behavior, invert=False: pre.Split(pattern, behavior, invert)
level = lambda regex=True, prefix=False: pre.ByteLevel(add_prefix_space=prefix, use_regex=regex)
llama3 = lambda **more: bpe(pre.Sequence([split(Regex(LLAMA3), "isolated"), level(False)]), post=processors.Sequence([processors.ByteLevel(trim_offsets=False), BOS]), **more)
spm = lambda pre_tokenizer, **more: byte_pieces(bpe(pre_tokenizer, bytes=False, model=dict(unk_token="<unk>", fuse_unk=True, byte_fallback=True), special=["<unk>"], post=BOS, **more))
word = lambda pre_tokenizer, **more: trained(models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer, pre_tokenizer, special=["<unk>"], **more)
unigram = lambda pre_tokenizer, **more: trained(models.Unigram(), trainers.UnigramTrainer, pre_tokenizer, size=150, special=["<unk>"], unk_token="<unk>", **more)
MADE = {
    "byte-level BPE, GPT-2's words": lambda: bpe(level()),
    "byte-level BPE, a space before": lambda: bpe(level(prefix=True)),
    "a space before each digit's neighbour": lambda: bpe(pre.Sequence([pre.Digits(True), level(prefix=True)])),
    "byte-level BPE, Llama 3's words": llama3,
    "whole words before merges": lambda: changed(llama3(), whole_words),
    "a vocabulary with holes": lambda: changed(llama3(), holes),
    "NFC and numbers alone": lambda: bpe(pre.Sequence([split(Regex(LLAMA3.replace("{1,3}", "")), "isolated"), level(False)]), normalizer=normalizers.NFC()),
    "digits alone, then GPT-2's words": lambda: bpe(pre.Sequence([pre.Digits(individual_digits=True), level()])),
    "digits together": lambda: bpe(pre.Sequence([pre.Digits(), level()])),
    "punctuation, each": lambda: bpe(pre.Sequence([pre.Punctuation(), level(False)])),
    "punctuation, together": lambda: bpe(pre.Sequence([pre.Punctuation("contiguous"), level(False)])),
    "punctuation, removed": lambda: bpe(pre.Sequence([pre.Punctuation("removed"), level(False)])),
    "a split merged with what is before": lambda: bpe(pre.Sequence([split(" ", "merged_with_previous"), level(False)])),
    "a split merged with what is after": lambda: bpe(pre.Sequence([split(Regex(r"[,.!?]|\s"), "merged_with_next"), level(False)])),
    "a split of runs": lambda: bpe(pre.Sequence([split(Regex(r"\s"), "contiguous"), level(False)])),
    "a split removed": lambda: bpe(pre.Sequence([split("o", "removed"), split(Regex(r"\s+"), "removed"), level(False)])),
    "a split, the other way round": lambda: bpe(pre.Sequence([split(Regex(r"\w+|[^\w\s]+"), "removed", True), split(Regex("l+"), "isolated", True), level(False)])),
    "WordPiece": lambda: trained(models.WordPiece(unk_token="<unk>", max_input_chars_per_word=20), trainers.WordPieceTrainer, pre.BertPreTokenizer(), normalizers.BertNormalizer(lowercase=True), special=["<unk>"], post=processors.BertProcessing(("</s>", 1), ("<s>", 0)), size=300),
    "WordPiece, cased": lambda: trained(models.WordPiece(unk_token="<unk>"), trainers.WordPieceTrainer, pre.Whitespace(), normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Strip()]), special=["<unk>"], size=300),
    "words": lambda: word(pre.Whitespace()),
    "words between spaces": lambda: word(pre.WhitespaceSplit(), normalizer=normalizers.Replace("$", "S$&")),
    "Unigram": lambda: unigram(pre.Metaspace()),
    "Unigram, no cuts": lambda: unigram(pre.Metaspace(split=False, prepend_scheme="first"), normalizer=normalizers.NFKC()),
    "Metaspace of older files": lambda: changed(unigram(pre.Metaspace()), older_metaspace(True)),
    "bytes where the vocabulary ends, Metaspace": lambda: spm(pre.Metaspace(prepend_scheme="first", split=False)),
    "bytes where the vocabulary ends, Llama 2's normalizer": lambda: spm(None, normalizer=normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])),
    "a token that takes the spaces around it": lambda: bpe(level(), mask=AddedToken("<mask>", special=True, lstrip=True, rstrip=True)),
    "a token that is found after the normalizer": lambda: bpe(level(), normalizer=normalizers.Lowercase(), mask=AddedToken("<mask>", special=False, normalized=True)),
    "Roberta's ends": lambda: bpe(level(), post=processors.RobertaProcessing(("</s>", 1), ("<s>", 0))),
}

if __name__ == "__main__":
    cases = []
    for name, make in MADE.items():
        tok = make()
        encoded = [[tok.encode(t).ids, tok.encode(t, add_special_tokens=False).ids] for t in TEXTS]
        cases.append({"name": name, "tokenizer": json.loads(tok.to_str()), "ids": encoded})
    json.dump({"made": {"tokenizers": tokenizers.__version__}, "texts": TEXTS, "cases": cases}, open(f"{here}/cases.json", "w"), ensure_ascii=False, separators=(",", ":"))
    print(len(cases), "tokenizers,", os.path.getsize(f"{here}/cases.json"), "bytes")
