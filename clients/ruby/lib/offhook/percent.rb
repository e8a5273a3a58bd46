# frozen_string_literal: true

module Offhook
  # Percent-encoding as the platform spells it out: all but `A-Za-z0-9-._~`, as UTF-8.
  module Percent
    NOT_PLAIN = /[^A-Za-z0-9\-._~]/n
    # A web server hands parameters over as bytes, whatever it calls them.
    BYTES = [Encoding::UTF_8, Encoding::BINARY, Encoding::US_ASCII].freeze

    # The encoders of the standard library differ on `*`, `~` and blanks.
    def self.encode(text)
      utf8 = BYTES.include?(text.encoding) ? text : text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace)
      utf8.b.gsub(NOT_PLAIN) { |byte| format("%%%02X", byte.ord) }.force_encoding(Encoding::US_ASCII)
    end
  end
end
