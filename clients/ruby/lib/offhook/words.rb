# frozen_string_literal: true

require "ipaddr"
require_relative "errors"

module Offhook
  # Values of Ruby as words of the action language: each comes out safe, or is refused with the language's own code.
  module Words
    LONGEST_TEXT = 2_000
    LONGEST_URL = 2_000
    LONGEST_HOST = 253
    MOST_NUMBERS = 10

    ESCAPES = { '"' => '\"', "\\" => "\\\\", "\n" => '\n' }.freeze
    # The language knows no control characters but tab and line break.
    CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/
    LINE_END = /\r\n?|\u0085/
    BLANK = /\A[[:space:]]*\z/
    SSML = /\A[[:space:]]*<(?:speak|\?xml)(?![\p{L}\p{N}_])/i

    NUMBER = /\A\+?[0-9]+(?:-[0-9]+)*\z/
    # ITU-T E.164 section 6: a country code first, so never a zero.
    E164 = /\A[1-9][0-9]{6,14}\z/

    VOICE = /\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z/
    KEY = /\A[0-9*#]\z/

    URL = %r{\Ahttps?://(?<authority>[^/?#\\]*)}i
    # Blanks of every kind, and what is not even seen; joiners are part of words and of emoji.
    NOT_IN_URL = /["<>\\]|[[:space:]]|[[:cntrl:]]|[\p{Cf}&&[^\u200c\u200d]]/
    AUTHORITY = /\A(?<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(?<port>[0-9]{1,5}))?\z/
    HOST = /\A(?!\.)(?:[A-Za-z0-9_-]|[^\x00-\x7f]|\.(?!\.))+\z/

    # language[-script][-region] of BCP 47 (RFC 5646 section 2.1), which is what voices differ by.
    TAG = /\A(?<language>[a-z]{2,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?\z/
    LANGUAGES = %w[
      aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee
      el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io
      is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn
      mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se
      sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo
      wa wo xh yi yo za zh zu cmn fil yue
    ].freeze

    module_function

    # Quote a text to read. Line breaks of every kind stay line breaks; other control characters, which no voice reads,
    # become blanks.
    def text(value)
      text = utf8(value).gsub(LINE_END, "\n").gsub(CONTROL, " ")
      length = text.length
      refuse "missing-argument", "the text is empty: give it words, or leave the line out" if text.match?(BLANK)
      refuse "text-too-long", "#{length} characters are too many: #{LONGEST_TEXT} are read" if length > LONGEST_TEXT
      refuse "ssml-not-accepted", "the text begins with markup for voices (SSML): give plain text" if text.match?(SSML)
      %("#{text.gsub(/["\\\n]/, ESCAPES)}")
    end

    def language(value)
      tag = utf8(value).downcase
      return tag if LANGUAGES.include?(TAG.match(tag)&.[](:language))

      refuse "unknown-language", "there is no language #{value.inspect}: give a code such as en, ja or en-gb"
    end

    # Join numbers that ring together.
    def numbers(values)
      refuse "missing-argument", "a transfer needs a phone number" if values.empty?
      refuse "too-many-arguments", "at most #{MOST_NUMBERS} numbers ring together" if values.size > MOST_NUMBERS
      values.map { |value| number(value) }.join(",")
    end

    def number(value)
      written = utf8(value)
      digits = written.delete("+-")
      return written if written.match?(NUMBER) && digits.match?(E164)

      refuse "bad-number", "#{value.inspect} is no phone number with its country code, as in +81-3-5550-0123"
    end

    def url(value)
      url = utf8(value)
      authority = URL.match(url)&.[](:authority)
      refuse "bad-url", "a URL is like https://example.com/hello.mp3, not #{shown(url)}" unless authority
      refuse "bad-url", "percent-encode blanks, quotes, < > and \\ in #{shown(url)}" if url.match?(NOT_IN_URL)
      refuse "bad-url", "the URL has #{url.length} characters; at most #{LONGEST_URL} fit" if url.length > LONGEST_URL
      refuse "bad-url", "a URL here cannot hold a user name or password" if authority.include?("@")
      refuse "bad-url", "#{shown(authority)} is not a host and port" unless authority?(authority)
      url
    end

    # A URL, or `self` for the action URL.
    def next_url(value) = value.to_s == "self" ? "self" : url(value)

    def whole(value, limits, what)
      return value.to_s if value.is_a?(Integer) && limits.cover?(value)

      refuse "bad-option", "#{what} is a whole number from #{limits.begin} to #{limits.end}, not #{value.inspect}"
    end

    def one_of(value, words, what)
      return value.to_s if words.include?(value.to_s)

      refuse "bad-option", "#{what} is #{words.join(" or ")}, not #{value.inspect}"
    end

    def flag(value, what)
      case value
      when true, 1 then "1"
      when false, 0 then "0"
      else refuse "bad-option", "#{what} is true or false, not #{value.inspect}"
      end
    end

    def voice(value)
      return value.to_s if value.to_s.match?(VOICE)

      refuse "bad-option", "#{value.inspect} is not the name of a voice"
    end

    def key(value)
      return value.to_s if value.to_s.match?(KEY)

      refuse "bad-option", "finish is one key, 0 to 9, * or #, not #{value.inspect}"
    end

    def refuse(code, message) = raise(ScriptRefused.new(code, message))

    # Bytes that are no characters become replacement characters: a caller must hear something.
    def utf8(value)
      text = value.to_s
      bytes = [Encoding::UTF_8, Encoding::BINARY, Encoding::US_ASCII].include?(text.encoding)
      return text.dup.force_encoding(Encoding::UTF_8).scrub("\u{fffd}") if bytes

      text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace)
    end

    def authority?(authority)
      match = AUTHORITY.match(authority) or return false
      return false if match[:port] && !(1..65_535).cover?(match[:port].to_i)

      match[:host].start_with?("[") ? ipv6?(match[:host][1..-2]) : host?(match[:host])
    end

    # Wide letters become plain ones when the name is looked up; what they become must be a name too.
    def host?(host)
      host.length <= LONGEST_HOST && [host, host.unicode_normalize(:nfkc)].all? { |name| name.match?(HOST) }
    end

    def ipv6?(text)
      IPAddr.new(text).ipv6?
    rescue IPAddr::Error
      false
    end

    def shown(text) = text.length > 60 ? "#{text[0, 59].inspect}…" : text.inspect

    private_class_method :utf8, :authority?, :host?, :ipv6?, :shown
  end
end
