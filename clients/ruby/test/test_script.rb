# frozen_string_literal: true

require_relative "helper"
require_relative "script_samples"

class TestScript < Minitest::Test
  def script = Offhook::Script.new

  def refused(code, &block)
    error = assert_raises(Offhook::ScriptRefused, &block)
    assert_equal code, error.code
    error
  end

  def test_every_action_is_a_line
    made = script.say("en", "Hello", loop: 2, voice: "alice").playback("https://example.com/a.mp3", loop: 3).pause(2)
      .transfer("+81-3-5550-0123", "81355500124", ring: 20, max: 600, from: "caller", confirm: true)
      .voicemail(say: ["en", "Speak"], max: 60)
      .gather(playback: "https://example.com/b.mp3", digits: 1, timeout: 8, finish: "*", next: "self")
    assert_equal <<~TEXT.chomp, made.text
      say en "Hello" loop=2 voice=alice
      playback https://example.com/a.mp3 loop=3
      pause 2
      transfer +81-3-5550-0123,81355500124 ring=20 max=600 from=caller confirm=1
      voicemail say en "Speak" max=60
      gather playback https://example.com/b.mp3 digits=1 timeout=8 finish=* next=self
    TEXT
  end

  def test_the_short_actions
    made = [script.reject, script.reject("declined"), script.hangup, script.voicemail, script.gather]
    assert_equal ["reject", "reject declined", "hangup", "voicemail", "gather"], made.map(&:text)
    assert_equal "redirect https://a.example/", script.redirect("https://a.example/").text
  end

  def test_quotes_backslashes_and_line_breaks_are_escaped
    assert_equal 'say en "a \"b\" \\\\ c\nd\ne"', script.say("en", "a \"b\" \\ c\nd\r\ne").text
    assert_equal 'say en "\\\\n"', script.say("en", '\n').text
  end

  def test_control_characters_become_blanks_and_what_is_no_utf8_is_replaced
    assert_equal 'say en "a b c"', script.say("en", "a\u0000b\u001bc").text
    assert_equal "say en \"a\ufffd\"", script.say("en", "a\xff").text
    assert_equal 'say en "é"', script.say("en", "\xe9".dup.force_encoding("ISO-8859-1")).text
    assert_equal 'say en "é"', script.say("en", "é".b).text
  end

  def test_every_sample_is_one_line_of_utf8_for_each_action
    ScriptSamples.all.each do |sample, said|
      assert_predicate sample.text, :valid_encoding?
      refute_match(/[[:cntrl:]&&[^\n\t]]/, sample.text)
      assert_equal 1, sample.text.lines.size if said
    end
  end

  def test_a_script_never_changes
    start = script.say("en", "Hello")
    assert_equal %(say en "Hello"\nhangup), start.hangup.text
    assert_equal %(say en "Hello"\npause 1), start.pause(1).text
    assert_equal 'say en "Hello"', start.to_s
  end

  def test_nothing_is_no_answer
    refused("empty-answer") { script.text }
  end

  def test_ten_lines_and_no_more
    ten = (1..10).reduce(script) { |so_far, _| so_far.pause(1) }
    refused("too-many-lines") { ten.pause(1) }
  end

  def test_eight_kilobytes_and_no_more
    long = (1..4).reduce(script) { |so_far, _| so_far.say("en", "x" * 2000) }
    assert_equal 8192, long.say("en", "x" * (8192 - long.text.bytesize - 10)).text.bytesize
    refused("too-long") { long.say("en", "x" * (8193 - long.text.bytesize - 10)) }
    refused("too-long") { (1..5).reduce(script) { |so_far, _| so_far.say("ja", "あ" * 1000) } }
  end

  def test_texts_that_cannot_be_read
    ["", " \n", "\u3000", "\u0000", nil].each { |text| refused("missing-argument") { script.say("en", text) } }
    refused("text-too-long") { script.say("en", "x" * 2001) }
    ["<speak>Hi</speak>", " <?xml version='1.0'?>", "<SPEAK/>"].each do |text|
      refused("ssml-not-accepted") { script.say("en", text) }
    end
    assert script.say("en", "<speaking>")
  end

  def test_languages_that_do_not_exist
    ["", "xx", "english", "en_GB", "en-", "en-gbx1", "en\n", nil, 'en "x"'].each do |tag|
      refused("unknown-language") { script.say(tag, "Hello") }
    end
  end

  def test_numbers_that_are_none
    ["", "110", "03-1234-5678", "+81 3 1234 5678", "+81--31234567", "8150123456780000", "8150123456a", "815012345678\n",
     "８１５０１２３４５６７８", "815012345678 ring=5", "81501234567,81501234568", "++815012345678", nil].each do |number|
      refused("bad-number") { script.transfer(number) }
    end
    refused("missing-argument") { script.transfer }
    refused("too-many-arguments") { script.transfer(["815012345678"] * 11) }
  end

  TEXTS = File.expand_path("../texts.json", ENV.fetch("OFFHOOK_VECTORS") do
    File.expand_path("../../../tests/vectors/signatures.json", __dir__)
  end)

  def test_every_text_is_written_or_refused_as_in_every_language
    vectors = JSON.parse(File.read(TEXTS, encoding: "UTF-8"))
    assert_operator vectors.size, :>, 300
    vectors.each do |vector|
      if vector.key?("line")
        assert_equal vector["line"], script.say("en", vector["text"]).text
      else
        assert_equal vector["refused"], refused(vector["refused"]) { script.say("en", vector["text"]) }.code, vector["text"]
      end
    end
  end

  def test_urls_that_are_none
    ["", "self", "example.com", "ftp://example.com/", "https:/example.com", "https:///x", "https://u:p@example.com/",
     "https://example.com/a b", "https://example.com/\"x", "https://example.com/\nhangup", "https://exa mple.com",
     "https://example.com:0/", "https://example.com:99999/", "https://a..b/", "https://.a/", "https://[::1/",
     "https://[1.2.3.4]/", "https://[fe80::zz]/", "https://example.com/#{"x" * 2000}",
     "https://example.com/\u200bx", "https://example.com/\u00a0", "https://ex\\ample.com/"].each do |url|
      refused("bad-url") { script.playback(url) }
    end
    assert_includes refused("bad-url") { script.redirect("https://u:p@a.example/") }.message, "password"
    assert script.redirect("https://a/b/")
    refused("bad-url") { script.transfer("815012345678", next: "https://") }
  end

  def test_options_that_cannot_be
    [{ ring: 4 }, { ring: 121 }, { ring: "20" }, { ring: 20.5 }, { max: 0 }, { from: "me" }, { confirm: "yes" }].each do |options|
      refused("bad-option") { script.transfer("815012345678", **options) }
    end
    [{ digits: 0 }, { digits: 21 }, { timeout: 61 }, { finish: "##" }, { finish: "" }].each do |options|
      refused("bad-option") { script.gather(**options) }
    end
    [0, 61, 1.5, nil].each { |seconds| refused("bad-option") { script.pause(seconds) } }
    ["a b", "", "-x", "x" * 65, "x\n"].each { |voice| refused("bad-option") { script.say("en", "Hello", voice: voice) } }
    refused("bad-option") { script.reject("rude") }
  end

  def test_options_of_other_actions
    refused("unknown-option") { script.say("en", "Hello", ring: 5) }
    refused("unknown-option") { script.voicemail(loop: 2) }
    refused("unknown-option") { script.gather(playback: "https://a.example/", voice: "alice") }
    refused("too-many-arguments") { script.gather(say: %w[en Hello], playback: "https://a.example/") }
  end

  def test_an_option_that_is_nil_is_left_out
    assert_equal "transfer 815012345678", script.transfer("815012345678", ring: nil, next: nil).text
  end

  def test_a_reject_stands_first
    refused("not-first") { script.pause(1).reject }
  end

  def test_no_call_gets_behind_an_end
    [script.hangup, script.reject, script.redirect("https://a.example/"), script.gather,
     script.transfer("815012345678", next: "self"), script.voicemail(next: "self")].each { |ended| refused("unreachable-line") { ended.pause(1) } }
    assert script.transfer("815012345678").voicemail.hangup
  end
end
