/** The seal of the house: the character 守, "to keep", cut in vermilion. The name stands beside it, so it says nothing. */
export function Seal() {
  return (
    <svg class="seal" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
      <rect class="seal-ground" x="1" y="1" width="38" height="38" rx="7" />
      <g class="seal-cut">
        <path d="M20 6.5v4M8.5 15v-4.5h23V15M9.5 20.5h21.5M25 15.5V31q0 2.500-3.500 2.200L19.500 32.800M15.500 24.500l2.500 4" />
      </g>
    </svg>
  );
}
