# frozen_string_literal: true

require_relative "errors"

module Offhook
  # When a request is tried again: after what may pass by itself, so often and for so long, and no more.
  #
  # A `Retry-After` is obeyed; if it asks for more patience than is left, the error is raised at once.
  class Retries
    FIRST_PAUSE_S = 0.5

    def initialize(tries: 3, longest_wait_s: 30, sleep: Kernel.method(:sleep), random: Random)
      countable = tries.is_a?(Integer) && tries.positive?
      raise InvalidArgument, "tries is a whole number above 0" unless countable

      bearable = longest_wait_s.is_a?(Numeric) && !longest_wait_s.negative?
      raise InvalidArgument, "longest_wait_s is a number of seconds" unless bearable

      @tries = tries
      @longest_wait_s = longest_wait_s
      @sleep = sleep
      @random = random
    end

    # Do the block, again if need be, and return its value.
    def run
      waited_s = 0
      tried = 0
      begin
        tried += 1
        yield
      rescue OffhookError => error
        raise unless error.passing? && tried < @tries

        pause_s = pause_after(error, tried)
        waited_s += pause_s
        raise if waited_s > @longest_wait_s

        @sleep.call(pause_s)
        retry
      end
    end

    private

    def pause_after(error, tried)
      wish = error.retry_after_s if error.respond_to?(:retry_after_s)
      # Not all clients that failed together should come back together.
      wish || (FIRST_PAUSE_S * (2**(tried - 1)) * @random.rand(0.75..1.25))
    end
  end
end
