# frozen_string_literal: true

$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "json"
require "offhook"

# Scripts of all kinds. The platform's own parser is asked elsewhere whether it understands them:
#
#   ruby test/script_samples.rb        a line of JSON each: the text, and what is said or nil
module ScriptSamples
  TEXTS = [
    "Hello", 'He said "hi"', "back\\slash", 'end\\', '\\"', '\\n', "two\nlines", "three\r\nfour\rfive", "tab\there",
    "nul\u0000bell\u0007", "\u001b[31mred", "\u0085next\u2028and\u2029end", "\u007f\u009f.", "日本語です。", "😀👩‍👩‍👧",
    "'single' “curly” «guillemets»", "# no comment", "key=value", "loop=100", " blanks around ", "&quot;html&quot; <b>",
    "\ufeffmark", "\xff\xfebytes", "caf\xc3\xa9".b, "x" * 2000, "a\u202eb",
    "Gr\xfc\xdfe".dup.force_encoding("ISO-8859-1"), "100% sure; $HOME `id` $(id) ${x} #{1 + 1}"
  ].freeze
  URLS = %w[
    https://example.com/hello.mp3 http://127.0.0.1:9000/?a=1&b=%20#ct=500 HTTPS://Example.COM https://例え.jp/音.mp3
    http://[::1]:80/ https://a.example./x https://a.example/it's(1),2;3=4
  ].freeze

  def self.script = Offhook::Script.new

  # What is hard to quote, in two hundred orders that are the same each time.
  PIECES = [
    '"', "\\", "\n", "\r", "\t", " ", "n", "#", "=", ",", "'", "\u0000", "\u001b", "\u007f", "\u0085", "\u00a0", "\u2028",
    "\ufeff", "😀", "日", "<", "\u202e", "\\n"
  ].freeze
  CHANCE = Random.new(7)
  MIXED = Array.new(200) { "x" + Array.new(CHANCE.rand(1..12)) { PIECES.sample(random: CHANCE) }.join }.freeze

  def self.said(text)
    bytes = text.encoding == Encoding::BINARY
    (bytes ? text.dup.force_encoding(Encoding::UTF_8) : text.encode(Encoding::UTF_8)).scrub("\ufffd")
  end

  # Pairs of a script, and the text that must be heard or nil.
  def self.all
    spoken = (TEXTS + MIXED).map { |text| [script.say("en", text), heard(text)] }
    spoken + [*URLS.flat_map { |url| of_url(url) }, *others].map { |one| [one, nil] }
  end

  def self.heard(text)
    lines = said(text).gsub(/\r\n?|\u0085/, "\n")
    lines.gsub(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/, " ")
  end

  def self.of_url(url)
    [script.playback(url, loop: 100), script.redirect(url), script.transfer("815012345678", next: url),
     script.gather(playback: url, loop: 2, next: url), script.voicemail(playback: url, max: 1)]
  end

  def self.others
    [*transfers, *prompted, *short, (1..10).reduce(script) { |so_far, _| so_far.pause(1) }]
  end

  def self.transfers
    [script.transfer("+81-3-1234-5678"), script.transfer(*(1..10).map { |n| "81501234567#{n}" }),
     script.transfer(%w[+815012345678 1-555-010-0123], ring: 5, max: 14_400, from: "caller", confirm: true, next: "self"),
     script.transfer(815_012_345_678, from: :recipient, confirm: false, ring: 120)]
  end

  def self.prompted
    [script.voicemail, script.voicemail(say: ["en", 'Say "x".'], loop: 2, voice: "bob", max: 60, next: "self"),
     script.gather, script.gather(say: ["ja", "番号を"], digits: 20, timeout: 60, finish: "*"),
     script.gather(digits: 1, finish: 0)]
  end

  def self.short
    [script.say("en-GB", "Hello", loop: 1, voice: "alice_2.x"), script.say("zh-hant-tw", "你好"), script.say(:ja, "はい"),
     script.pause(1).pause(60), script.reject, script.reject("busy"), script.reject(:declined),
     script.reject("unavailable"), script.hangup, script.pause(2).hangup]
  end
end

if $PROGRAM_NAME == __FILE__
  ScriptSamples.all.each { |script, said| puts JSON.generate({ text: script.text, said: said }) }
end
