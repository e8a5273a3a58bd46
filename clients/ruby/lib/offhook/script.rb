# frozen_string_literal: true

require "json"
require_relative "words"

module Offhook
  # Action text, line by line; whatever a text holds is quoted safely.
  #
  #   Offhook::Script.new.say("en", %(He said "hello")).transfer("+81-3-5550-0123", ring: 20).voicemail.text
  #
  # A script never changes: each method returns a new one. What the language cannot say is refused where it is said,
  # with ScriptRefused: its `code` is what the platform would call it.
  class Script
    MOST_LINES = 10
    MOST_BYTES = 8 * 1024

    # How each option is written, whichever action it belongs to.
    OPTIONS = {
      loop: ->(value) { Words.whole(value, 1..100, "loop") },
      voice: ->(value) { Words.voice(value) },
      ring: ->(value) { Words.whole(value, 5..120, "ring") },
      digits: ->(value) { Words.whole(value, 1..20, "digits") },
      timeout: ->(value) { Words.whole(value, 1..60, "timeout") },
      finish: ->(value) { Words.key(value) },
      max: ->(value) { Words.whole(value, 1..14_400, "max") },
      from: ->(value) { Words.one_of(value, %w[caller recipient], "from") },
      confirm: ->(value) { Words.flag(value, "confirm") },
      next: ->(value) { Words.next_url(value) }
    }.freeze
    SAY = %i[loop voice].freeze
    PLAYBACK = %i[loop].freeze
    TRANSFER = %i[ring max from confirm next].freeze
    VOICEMAIL = %i[max next].freeze
    GATHER = %i[digits timeout finish next].freeze
    REASONS = %w[busy declined unavailable].freeze

    def initialize = with([], nil)

    # Read a text aloud. Options: loop, voice.
    def say(language, text, **options)
      add("say", [Words.language(language), Words.text(text)], SAY, options)
    end

    # Play a sound. Option: loop.
    def playback(url, **options) = add("playback", [Words.url(url)], PLAYBACK, options)

    # Call numbers together and join the first that answers. Options: ring, max, from, confirm, next.
    #
    # What stands behind it is done if nobody answers, unless `next` is asked.
    def transfer(*numbers, **options)
      add("transfer", [Words.numbers(numbers.flatten)], TRANSFER, options, ends: options[:next])
    end

    # Greet, beep and record. Options: max, next.
    #
    # The greeting is `say: ["en", "..."]` or `playback: url`, with loop and voice.
    def voicemail(**options)
      prompt, known = prompt_of(options)
      add("voicemail", prompt, known + VOICEMAIL, options.except(:say, :playback), ends: options[:next])
    end

    # Collect keys, then ask `next` or the action URL. Prompt as for voicemail. Options: digits, timeout, finish, next.
    def gather(**options)
      prompt, known = prompt_of(options)
      add("gather", prompt, known + GATHER, options.except(:say, :playback), ends: true)
    end

    # Be silent.
    def pause(seconds) = add("pause", [Words.whole(seconds, 1..60, "pause")])

    # Ask another URL what to do.
    def redirect(url) = add("redirect", [Words.url(url)], ends: true)

    # Refuse the call, free of charge: "busy", "declined" or "unavailable". It stands first.
    def reject(reason = nil)
      Words.refuse("not-first", "reject refuses a call before it is answered: it stands first") if @lines.any?
      add("reject", reason.nil? ? [] : [Words.one_of(reason, REASONS, "reject")], ends: true)
    end

    # End the call.
    def hangup = add("hangup", ends: true)

    # What to answer with: UTF-8, a line for each action.
    def text
      Words.refuse("empty-answer", "the script has no action: begin with one such as say") if @lines.empty?
      @lines.join("\n")
    end

    alias to_s text

    # A script may stand wherever the API takes action text, also deep in a document of rules.
    def to_json(*state) = text.to_json(*state)

    def inspect = "#<#{self.class} #{@lines.inspect}>"

    protected

    def with(lines, last)
      @lines = lines.freeze
      @last = last
      self
    end

    private

    def add(verb, words = [], known = [], options = {}, ends: nil)
      Words.refuse("unreachable-line", "no call gets to this #{verb}: the #{@last} before it ends the script") if @last
      Words.refuse("too-many-lines", "at most #{MOST_LINES} actions: go on with redirect") if @lines.size == MOST_LINES
      line = [verb, *words, *written(verb, known, options)].join(" ")
      lines = [*@lines, line]
      refuse_length(lines)
      dup.with(lines, ends ? verb : nil)
    end

    def written(verb, known, options)
      given = options.compact
      unknown = given.keys - known
      unless unknown.empty?
        knows = known.empty? ? "it has no options" : "it knows #{known.join(", ")}"
        Words.refuse("unknown-option", "#{verb} has no option #{unknown.first}: #{knows}")
      end
      known.filter_map { |name| "#{name}=#{OPTIONS.fetch(name).call(given[name])}" if given.key?(name) }
    end

    def prompt_of(options)
      Words.refuse("too-many-arguments", "a prompt is say or playback, not both") if options[:say] && options[:playback]
      return [["say", Words.language(options[:say][0]), Words.text(options[:say][1])], SAY] if options[:say]
      return [["playback", Words.url(options[:playback])], PLAYBACK] if options[:playback]

      [[], []]
    end

    def refuse_length(lines)
      bytes = lines.join("\n").bytesize
      return if bytes <= MOST_BYTES

      Words.refuse("too-long", "the script has #{bytes} bytes; at most #{MOST_BYTES} are read: shorten its texts")
    end
  end
end
